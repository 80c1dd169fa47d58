package dev.dunlin.slirp.tcp;

/**
 * NewReno's window (RFC 5681, RFC 6582) with the initial ten segments of RFC 6928. The path is a
 * local link: loss there means a full queue, which halving answers; growth counts bytes, so that
 * one acknowledgment of a 64 KiB frame opens the window by as much.
 */
final class Congestion {
  private static final int INITIAL_SEGMENTS = 10;
  private static final int MOST = 1 << 30;

  private int window;
  private int threshold = MOST;

  void begin(int segment) {
    window = INITIAL_SEGMENTS * segment;
  }

  int window() {
    return window;
  }

  /** New data was acknowledged outside recovery, while the window was what limited. */
  void grow(int acked, int segment) {
    if (window < threshold) {
      window = Math.min(MOST, window + acked);
    } else {
      long step = Math.max(1, (long) segment * Math.min(acked, window) / window);
      window = (int) Math.min(MOST, window + step);
    }
  }

  /** A loss that acknowledgments showed. */
  void halve(int inFlight, int segment) {
    threshold = Math.max(inFlight / 2, 2 * segment);
    window = threshold;
  }

  /** A timeout: RFC 5681 equation 4 and the loss window, the threshold lowered only once. */
  void collapse(int inFlight, int segment, boolean first) {
    if (first) {
      threshold = Math.max(inFlight / 2, 2 * segment);
    }
    window = segment;
  }

  /** NewReno's inflation by a segment that left the network. */
  void inflate(int bytes) {
    window = Math.min(MOST, window + bytes);
  }

  /** NewReno's partial deflation. */
  void deflate(int bytes, int segment) {
    window = Math.max(segment, window - bytes);
  }

  /** Recovery is over. */
  void settle() {
    window = threshold;
  }
}
