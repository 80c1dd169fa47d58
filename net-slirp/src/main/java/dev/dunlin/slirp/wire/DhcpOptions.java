package dev.dunlin.slirp.wire;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The options of a DHCP message in the order of their first appearance. Instances of one option are
 * concatenated and long ones split (RFC 3396). Not thread-safe.
 */
public final class DhcpOptions {
  private static final int LONGEST_PIECE = 255;

  private final Map<Integer, byte[]> values = new LinkedHashMap<>();

  public boolean isEmpty() {
    return values.isEmpty();
  }

  public boolean has(int option) {
    return values.containsKey(option);
  }

  public Optional<byte[]> bytes(int option) {
    return Optional.ofNullable(values.get(option)).map(byte[]::clone);
  }

  /** A one-byte option. */
  public OptionalInt octet(int option) {
    byte[] value = values.get(option);
    return value == null || value.length != 1
        ? OptionalInt.empty()
        : OptionalInt.of(value[0] & 255);
  }

  /** A two-byte option. */
  public OptionalInt word(int option) {
    byte[] value = values.get(option);
    return value == null || value.length != 2
        ? OptionalInt.empty()
        : OptionalInt.of((value[0] & 255) << 8 | (value[1] & 255));
  }

  /** A four-byte option: an address or a time. */
  public OptionalInt quad(int option) {
    byte[] value = values.get(option);
    return value == null || value.length != 4
        ? OptionalInt.empty()
        : OptionalInt.of(ByteBuffer.wrap(value).getInt());
  }

  public DhcpOptions put(int option, byte... value) {
    values.put(option, value.clone());
    return this;
  }

  public DhcpOptions putOctet(int option, int value) {
    return put(option, (byte) value);
  }

  public DhcpOptions putWord(int option, int value) {
    return put(option, (byte) (value >>> 8), (byte) value);
  }

  public DhcpOptions putQuad(int option, int value) {
    return put(option, ByteBuffer.allocate(4).putInt(value).array());
  }

  public DhcpOptions putText(int option, String text) {
    return put(option, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether the client's parameter list (option 55) names the option; no list asks for all. */
  public boolean requests(int option) {
    byte[] list = values.get(DhcpOption.PARAMETER_LIST);
    if (list == null) {
      return true;
    }
    for (byte wanted : list) {
      if ((wanted & 255) == option) {
        return true;
      }
    }
    return false;
  }

  /**
   * Reads options until the end marker or the end of the area. 0 and 255 are markers, never
   * options; an option that passes the end of the area ends the walk (what was read so far counts).
   */
  void parse(ByteBuffer bytes, int start, int end) {
    int at = start;
    while (at < end) {
      int option = bytes.get(at++) & 0xff;
      if (option == DhcpOption.PAD) {
        continue;
      }
      if (option == DhcpOption.END || at >= end) {
        return;
      }
      int length = bytes.get(at++) & 0xff;
      if (length > end - at) {
        return;
      }
      byte[] piece = new byte[length];
      bytes.get(at, piece);
      values.merge(option, piece, DhcpOptions::concat);
      at += length;
    }
  }

  /** The options as they go on the wire, without the end marker, one array an option. */
  Map<Integer, byte[]> encoded() {
    Map<Integer, byte[]> encoded = new LinkedHashMap<>();
    values.forEach((option, value) -> encoded.put(option, encode(option, value)));
    return encoded;
  }

  private static byte[] encode(int option, byte[] value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(value.length + 2);
    int at = 0;
    do {
      int piece = Math.min(LONGEST_PIECE, value.length - at);
      out.write(option);
      out.write(piece);
      out.write(value, at, piece);
      at += piece;
    } while (at < value.length);
    return out.toByteArray();
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  @Override
  public boolean equals(Object other) {
    if (!(other instanceof DhcpOptions that) || !values.keySet().equals(that.values.keySet())) {
      return false;
    }
    return values.entrySet().stream()
        .allMatch(entry -> Arrays.equals(entry.getValue(), that.values.get(entry.getKey())));
  }

  @Override
  public int hashCode() {
    return values.keySet().hashCode();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    values.forEach(
        (option, value) ->
            text.append(option).append('=').append(Arrays.toString(value)).append(' '));
    return text.toString().trim();
  }
}
