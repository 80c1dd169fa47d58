package dev.dunlin.slirp.guest;

import java.nio.ByteBuffer;

/** A name server's whole knowledge: every name has the same address. */
final class NameAnswer {
  static final String ADDRESS = "93.184.216.34";

  private static final int HEADER = 12;
  private static final int COUNTS = 6;

  private NameAnswer() {}

  /** The question again, one answer behind it, and nothing else (RFC 1035 section 4.1). */
  static byte[] to(byte[] query) {
    int end = HEADER;
    while (query[end] != 0) {
      end += query[end] + 1;
    }
    end += 5;
    ByteBuffer answer = ByteBuffer.allocate(end + 16);
    answer.put(query, 0, end);
    answer.put(2, (byte) 0x81).put(3, (byte) 0x80);
    answer.putShort(COUNTS, (short) 1).putInt(COUNTS + 2, 0);
    answer.putShort((short) (0xc000 | HEADER)).putShort((short) 1).putShort((short) 1);
    answer.putInt(60).putShort((short) 4).putInt(93 << 24 | 184 << 16 | 216 << 8 | 34);
    return answer.array();
  }
}
