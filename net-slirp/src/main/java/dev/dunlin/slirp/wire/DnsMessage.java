package dev.dunlin.slirp.wire;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Header and question of a DNS message (RFC 1035), all a forwarder must understand. It keeps the
 * whole message: bytes it doesn't know travel untouched.
 */
public final class DnsMessage {
  public static final int HEADER = 12;

  /** Payload every client must take over UDP without EDNS. */
  public static final int CLASSIC_SIZE = 512;

  public static final int TYPE_A = 1;
  public static final int TYPE_AAAA = 28;
  public static final int TYPE_OPT = 41;
  public static final int SERVFAIL = 2;
  public static final int FORMERR = 1;
  public static final int REFUSED = 5;

  private static final int FLAGS = 2;
  private static final int QUESTIONS = 4;
  private static final int ANSWERS = 6;
  private static final int AUTHORITIES = 8;
  private static final int ADDITIONAL = 10;
  private static final int RESPONSE = 0x8000;
  private static final int TRUNCATED = 0x0200;
  private static final int RECURSION_DESIRED = 0x0100;
  private static final int RECURSION_AVAILABLE = 0x0080;
  private static final int OPCODE = 0x7800;

  /** Type, class, time to live, length of the data. */
  private static final int FIXED_PART = 10;

  /** More records than this in one message are not walked: 64 KiB can't hold honest ones. */
  private static final int MOST_RECORDS = 4096;

  private final byte[] raw;
  private final ByteBuffer bytes;
  private final String name;
  private final int questionEnd;

  private DnsMessage(byte[] raw, String name, int questionEnd) {
    this.raw = raw;
    this.bytes = ByteBuffer.wrap(raw);
    this.name = name;
    this.questionEnd = questionEnd;
  }

  /**
   * Reads a message with exactly one question, or a response without any (some servers answer an
   * error so). Everything else is no message for a forwarder. The array is kept, not copied.
   */
  public static Optional<DnsMessage> parse(byte[] message) {
    ByteBuffer bytes = ByteBuffer.wrap(message);
    if (message.length < HEADER || message.length > 0xffff) {
      return Optional.empty();
    }
    int questions = bytes.getShort(QUESTIONS) & 0xffff;
    if (questions == 0 && (bytes.getShort(FLAGS) & RESPONSE) != 0) {
      return Optional.of(new DnsMessage(message, "", HEADER));
    }
    if (questions != 1) {
      return Optional.empty();
    }
    return DnsName.read(bytes, 0, message.length, HEADER)
        .filter(parsed -> parsed.next() + 4 <= message.length)
        .map(parsed -> new DnsMessage(message, parsed.name(), parsed.next() + 4));
  }

  public int id() {
    return bytes.getShort(0) & 0xffff;
  }

  public boolean isResponse() {
    return (flags() & RESPONSE) != 0;
  }

  public boolean isTruncated() {
    return (flags() & TRUNCATED) != 0;
  }

  public int responseCode() {
    return flags() & 15;
  }

  public boolean hasQuestion() {
    return questionEnd > HEADER;
  }

  /** The question's name in lower case, without the final dot. */
  public String name() {
    return name.toLowerCase(Locale.ROOT);
  }

  public int type() {
    return hasQuestion() ? bytes.getShort(questionEnd - 4) & 0xffff : 0;
  }

  public int questionClass() {
    return hasQuestion() ? bytes.getShort(questionEnd - 2) & 0xffff : 0;
  }

  public int length() {
    return raw.length;
  }

  /** Same name (in any case), type and class. */
  public boolean answers(DnsMessage query) {
    return name().equals(query.name())
        && type() == query.type()
        && questionClass() == query.questionClass();
  }

  /** A copy of the message under another transaction id. */
  public byte[] withId(int id) {
    byte[] copy = raw.clone();
    copy[0] = (byte) (id >>> 8);
    copy[1] = (byte) id;
    return copy;
  }

  /**
   * Payload the client takes over UDP: its EDNS size (RFC 6891 section 6.2.5; less than 512 means
   * 512) or 512.
   */
  public int udpLimit() {
    int at = optRecord();
    return at < 0 ? CLASSIC_SIZE : Math.max(CLASSIC_SIZE, bytes.getShort(at + 3) & 0xffff);
  }

  /** Index of the OPT record's fixed part minus its root name, or -1. */
  private int optRecord() {
    int[] found = {-1};
    walkRecords(
        (type, fixed, data, length) -> {
          boolean root = bytes.get(fixed - 1) == 0;
          found[0] = type == TYPE_OPT && root ? fixed - 1 : -1;
          return found[0] >= 0;
        });
    return found[0];
  }

  /** Whether any address record lies where {@code test} says. */
  public boolean anyAddress(Predicate<IpAddr> test) {
    boolean[] found = new boolean[1];
    walkRecords(
        (type, fixed, data, length) -> {
          if (type == TYPE_A && length == 4) {
            found[0] = test.test(IpAddr.v4(bytes.getInt(data)));
          } else if (type == TYPE_AAAA && length == 16) {
            found[0] = test.test(IpAddr.readV6(bytes, data));
          }
          return found[0];
        });
    return found[0];
  }

  /** One resource record: {@code fixed} is where its type stands, {@code data} its data. */
  private interface RecordVisitor {
    /** Whether the walk may end. */
    boolean visit(int type, int fixed, int data, int length);
  }

  /**
   * Walks the records after the question; each takes eleven bytes at least, so the walk is short.
   */
  private void walkRecords(RecordVisitor visitor) {
    int at = questionEnd;
    int records = Math.min(records(), MOST_RECORDS);
    for (int i = 0; i < records; i++) {
      Optional<DnsName.Parsed> owner = DnsName.read(bytes, 0, length(), at);
      if (owner.isEmpty() || owner.get().next() + FIXED_PART > length()) {
        return;
      }
      int fixed = owner.get().next();
      int data = fixed + FIXED_PART;
      int dataLength = bytes.getShort(fixed + 8) & 0xffff;
      if (data + dataLength > length()
          || visitor.visit(bytes.getShort(fixed) & 0xffff, fixed, data, dataLength)) {
        return;
      }
      at = data + dataLength;
    }
  }

  private int records() {
    return (bytes.getShort(ANSWERS) & 0xffff)
        + (bytes.getShort(AUTHORITIES) & 0xffff)
        + (bytes.getShort(ADDITIONAL) & 0xffff);
  }

  /**
   * The response cut down to its header and question with TC set, so that the client asks again
   * over TCP (RFC 2181 section 9: a truncated answer's records are of no use).
   */
  public byte[] truncated() {
    byte[] cut = Arrays.copyOf(raw, questionEnd);
    ByteBuffer out = ByteBuffer.wrap(cut);
    out.putShort(FLAGS, (short) (flags() | TRUNCATED));
    out.putShort(ANSWERS, (short) 0);
    out.putShort(AUTHORITIES, (short) 0);
    out.putShort(ADDITIONAL, (short) 0);
    return cut;
  }

  /** An answer of our own to this query: no records, just a response code. */
  public byte[] failure(int code) {
    byte[] answer = truncated();
    int kept = flags() & (OPCODE | RECURSION_DESIRED);
    ByteBuffer.wrap(answer).putShort(FLAGS, (short) (RESPONSE | RECURSION_AVAILABLE | kept | code));
    return answer;
  }

  public byte[] toByteArray() {
    return raw.clone();
  }

  private int flags() {
    return bytes.getShort(FLAGS) & 0xffff;
  }
}
