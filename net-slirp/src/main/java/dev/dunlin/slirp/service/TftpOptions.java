package dev.dunlin.slirp.service;

import dev.dunlin.slirp.wire.TftpPacket;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Negotiation of a read request's options: blksize (RFC 2348), tsize and timeout (RFC 2349),
 * windowsize (RFC 7440). An option not known is left out of the answer (RFC 2347); one that is
 * known with a value that can't be is an error.
 */
final class TftpOptions {
  static final int DEFAULT_BLOCK_SIZE = 512;
  private static final int SMALLEST_BLOCK = 8;
  private static final int LARGEST_BLOCK = 65_464;

  /**
   * A window this long keeps any guest's link busy; longer ones only cost it more when it loses.
   */
  static final int LARGEST_WINDOW = 64;

  private static final int LONGEST_TIMEOUT = 255;
  private static final int DEFAULT_TIMEOUT = 1;

  private final Map<String, String> acknowledged = new LinkedHashMap<>();
  private int blockSize = DEFAULT_BLOCK_SIZE;
  private int windowSize = 1;
  private int timeoutSeconds = DEFAULT_TIMEOUT;

  /**
   * @param largestBlock what fits the link's MTU unfragmented
   */
  static TftpOptions negotiate(Map<String, String> asked, long fileSize, int largestBlock)
      throws FileSource.Denied {
    TftpOptions options = new TftpOptions();
    for (Map.Entry<String, String> entry : asked.entrySet()) {
      options.take(entry.getKey(), entry.getValue(), fileSize, largestBlock);
    }
    return options;
  }

  private void take(String name, String value, long fileSize, int largestBlock)
      throws FileSource.Denied {
    switch (name) {
      case "blksize" -> {
        blockSize = Math.min(number(name, value, SMALLEST_BLOCK, LARGEST_BLOCK), largestBlock);
        acknowledged.put(name, Integer.toString(blockSize));
      }
      case "tsize" -> {
        number(name, value, 0, Integer.MAX_VALUE);
        acknowledged.put(name, Long.toString(fileSize));
      }
      case "timeout" -> {
        timeoutSeconds = number(name, value, 1, LONGEST_TIMEOUT);
        acknowledged.put(name, value);
      }
      case "windowsize" -> {
        windowSize = Math.min(number(name, value, 1, 0xffff), LARGEST_WINDOW);
        acknowledged.put(name, Integer.toString(windowSize));
      }
      default -> {}
    }
  }

  private static int number(String name, String value, int least, int most)
      throws FileSource.Denied {
    boolean digits =
        !value.isEmpty() && value.length() <= 10 && value.chars().allMatch(TftpOptions::isDigit);
    long number = digits ? Long.parseLong(value) : -1;
    if (number < least || number > most) {
      throw new FileSource.Denied(TftpPacket.ERROR_OPTIONS, "Invalid value for option " + name);
    }
    return (int) number;
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  /** What goes into the option acknowledgment; nothing means there is none. */
  Map<String, String> acknowledged() {
    return acknowledged;
  }

  int blockSize() {
    return blockSize;
  }

  int windowSize() {
    return windowSize;
  }

  int timeoutSeconds() {
    return timeoutSeconds;
  }
}
