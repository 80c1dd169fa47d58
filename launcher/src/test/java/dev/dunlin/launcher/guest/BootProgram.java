package dev.dunlin.launcher.guest;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * The smallest thing that a PXE ROM can boot: a program that adds itself up and tells the first
 * serial port whether all of it is there. A ROM puts it at 0000:7c00 and jumps to it (Preboot
 * Execution Environment 2.1, section 4.4.5).
 */
final class BootProgram {
  static final String WHOLE = "all of the program is here\r\n";
  static final String DAMAGED = "the program is damaged\r\n";

  /** As much as fits between 7c00 and the end of the segment, in words: 23 blocks of TFTP. */
  private static final int WORDS = 0x4000;

  private static final int ORIGIN = 0x7c00;

  private static final int WHOLE_AT = 0x100;
  private static final int DAMAGED_AT = 0x180;

  private static final String CODE =
      "31c0" // xor ax, ax
          + "8ed8" // mov ds, ax
          + "be"
          + word(ORIGIN) // mov si, origin
          + "b9"
          + word(WORDS) // mov cx, words
          + "31db" // xor bx, bx
          + "fc" // cld
          + "ad" // add: lodsw
          + "01c3" // add bx, ax
          + "e2fb" // loop add
          + "be"
          + word(ORIGIN + WHOLE_AT) // mov si, whole
          + "85db" // test bx, bx
          + "7403" // jz print
          + "be"
          + word(ORIGIN + DAMAGED_AT) // mov si, damaged
          + "ac" // print: lodsb
          + "84c0" // test al, al
          + "7406" // jz done
          + "baf803" // mov dx, 3f8h
          + "ee" // out dx, al
          + "ebf5" // jmp print
          + "f4" // done: hlt
          + "ebfd"; // jmp done

  private BootProgram() {}

  /** The program, with a last word that makes the sum of all words zero. */
  static byte[] bytes() {
    byte[] program = new byte[2 * WORDS];
    for (int i = 0; i < program.length; i++) {
      program[i] = (byte) (i * 131 + (i >> 8));
    }
    put(program, 0, HexFormat.of().parseHex(CODE));
    put(program, WHOLE_AT, text(WHOLE));
    put(program, DAMAGED_AT, text(DAMAGED));
    int last = program.length - 2;
    int sum = 0;
    for (int i = 0; i < last; i += 2) {
      sum += (program[i] & 0xff) | (program[i + 1] & 0xff) << 8;
    }
    program[last] = (byte) -sum;
    program[last + 1] = (byte) (-sum >> 8);
    return program;
  }

  private static void put(byte[] program, int at, byte[] piece) {
    System.arraycopy(piece, 0, program, at, piece.length);
  }

  private static byte[] text(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    out.write(0);
    return out.toByteArray();
  }

  private static String word(int value) {
    return "%02x%02x".formatted(value & 0xff, value >> 8);
  }
}
