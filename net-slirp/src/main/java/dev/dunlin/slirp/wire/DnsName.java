package dev.dunlin.slirp.wire;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A domain name as it stands in a message (RFC 1035 section 4.1.4). Compression pointers must point
 * before the place where the walk last jumped to, so a walk always ends.
 */
public final class DnsName {
  private static final int LONGEST = 255;
  private static final int LONGEST_LABEL = 63;

  private DnsName() {}

  /** The name without its final dot ("" is the root), and the index after it. */
  public record Parsed(String name, int next) {}

  /** Walks the name at {@code index} of a message that spans {@code start} to {@code end}. */
  public static Optional<Parsed> read(ByteBuffer bytes, int start, int end, int index) {
    StringBuilder name = new StringBuilder();
    int at = index;
    int floor = index;
    int next = -1;
    int length = 0;
    while (at < end) {
      int label = bytes.get(at) & 0xff;
      if (label == 0) {
        return Optional.of(new Parsed(name.toString(), next < 0 ? at + 1 : next));
      }
      if (label >= 0xc0) {
        if (at + 1 >= end) {
          return Optional.empty();
        }
        int target = start + ((label & 0x3f) << 8 | (bytes.get(at + 1) & 0xff));
        if (target >= floor) {
          return Optional.empty();
        }
        next = next < 0 ? at + 2 : next;
        floor = target;
        at = target;
        continue;
      }
      length += label + 1;
      if (label > LONGEST_LABEL || length >= LONGEST || at + 1 + label > end) {
        return Optional.empty();
      }
      appendLabel(name, bytes, at + 1, label);
      at += 1 + label;
    }
    return Optional.empty();
  }

  /**
   * Bytes outside plain names are escaped as in RFC 1035 master files, so text stays one to one.
   */
  private static void appendLabel(StringBuilder name, ByteBuffer bytes, int at, int length) {
    if (name.length() > 0) {
      name.append('.');
    }
    for (int i = at; i < at + length; i++) {
      int octet = bytes.get(i) & 0xff;
      if (octet == '.' || octet == '\\') {
        name.append('\\').append((char) octet);
      } else if (octet > 0x20 && octet < 0x7f) {
        name.append((char) octet);
      } else {
        name.append(String.format("\\%03d", octet));
      }
    }
  }

  /**
   * Encodes plain names one after the other, a repeated ending as a pointer to its first place (RFC
   * 3397 section 2.1 for option 119). Throws IllegalArgumentException for a name that isn't one: an
   * empty label in it, a label over 63 bytes, more than 255 in all.
   */
  public static byte[] encodeAll(List<String> names) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    List<String> suffixes = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    for (String name : names) {
      encode(out, stripDot(name), suffixes, places);
    }
    return out.toByteArray();
  }

  private static void encode(
      ByteArrayOutputStream out, String name, List<String> suffixes, List<Integer> places) {
    if (name.length() + 2 > LONGEST) {
      throw new IllegalArgumentException("domain name too long: " + name);
    }
    String rest = name;
    while (!rest.isEmpty()) {
      int known = suffixes.indexOf(rest);
      if (known >= 0) {
        out.write(0xc0 | places.get(known) >>> 8);
        out.write(places.get(known));
        return;
      }
      if (out.size() < 0x4000) {
        suffixes.add(rest);
        places.add(out.size());
      }
      int dot = rest.indexOf('.');
      writeLabel(out, dot < 0 ? rest : rest.substring(0, dot), name);
      rest = dot < 0 ? "" : rest.substring(dot + 1);
      if (dot >= 0 && rest.isEmpty()) {
        throw new IllegalArgumentException("empty label in domain name: " + name);
      }
    }
    out.write(0);
  }

  private static void writeLabel(ByteArrayOutputStream out, String label, String name) {
    byte[] bytes = label.getBytes(StandardCharsets.UTF_8);
    if (bytes.length == 0 || bytes.length > LONGEST_LABEL) {
      throw new IllegalArgumentException(
          (bytes.length == 0 ? "empty label in domain name: " : "label too long in domain name: ")
              + name);
    }
    out.write(bytes.length);
    out.write(bytes, 0, bytes.length);
  }

  private static String stripDot(String name) {
    String plain = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    if (plain.isEmpty()) {
      throw new IllegalArgumentException("empty domain name");
    }
    return plain;
  }
}
