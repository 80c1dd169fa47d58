package dev.dunlin.slirp.tcp;

/** RFC 9293 section 3.3.2, less LISTEN: every address of the world listens for the guest. */
public enum TcpState {
  CLOSED("CLOSED"),
  SYN_SENT("SYN_SENT"),
  SYN_RECEIVED("SYN_RCVD"),
  ESTABLISHED("ESTABLISHED"),
  FIN_WAIT_1("FIN_WAIT_1"),
  FIN_WAIT_2("FIN_WAIT_2"),
  CLOSE_WAIT("CLOSE_WAIT"),
  CLOSING("CLOSING"),
  LAST_ACK("LAST_ACK"),
  TIME_WAIT("TIME_WAIT");

  private final String label;

  TcpState(String label) {
    this.label = label;
  }

  /** As {@code info usernet} spells it. */
  public String label() {
    return label;
  }

  /** Both sides know each other's initial number. */
  boolean isSynchronized() {
    return this != CLOSED && this != SYN_SENT && this != SYN_RECEIVED;
  }

  /** The guest hasn't sent its FIN yet. */
  boolean takesText() {
    return this == ESTABLISHED || this == FIN_WAIT_1 || this == FIN_WAIT_2;
  }
}
