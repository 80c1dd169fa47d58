package dev.dunlin.launcher.guest;

import java.nio.file.Path;

/** The options of the network under trial, the same for every contender. */
record UserOptions(Path tftp) {
  /** Host ports that lead to the guest's {@link #GUEST_PORT}. */
  static final int FORWARDED_TCP = 6100;

  static final int FORWARDED_UDP = 6101;
  static final int GUEST_PORT = 5000;

  /** Where a command of the host's answers. */
  static final String COMMAND_ADDRESS = "10.0.2.100";

  static final int COMMAND_PORT = 1234;

  String netdev() {
    return "user,id=u,hostname=trial,domainname=dunlin.test,tftp="
        + tftp
        + ",bootfile=small"
        + ",hostfwd=tcp:127.0.0.1:"
        + FORWARDED_TCP
        + "-:"
        + GUEST_PORT
        + ",hostfwd=udp:127.0.0.1:"
        + FORWARDED_UDP
        + "-:"
        + GUEST_PORT
        + ",guestfwd=tcp:"
        + COMMAND_ADDRESS
        + ":"
        + COMMAND_PORT
        + "-cmd:tr a-z A-Z";
  }
}
