package dev.dunlin.bench;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** How a stream travels and who reads it, and what Dunlin has set itself to reach there. */
enum Transport {
  EXEC("exec", 2, 0, (directory, mib) -> Receiver.command("cat >/dev/null")),
  TCP("tcp", 1, 0, (directory, mib) -> Drain.tcp()),
  UNIX("unix", 1, 0, (directory, mib) -> Drain.unix(directory.resolve("drain"))),
  MULTIFD_TCP("multifd-tcp", 1, Multifd.CHANNELS, (directory, mib) -> Drain.tcp()),
  MULTIFD_UNIX(
      "multifd-unix",
      1,
      Multifd.CHANNELS,
      (directory, mib) -> Drain.unix(directory.resolve("drain"))),
  MULTIFD_QEMU(
      "multifd-qemu",
      1,
      Multifd.CHANNELS,
      (directory, mib) ->
          QemuReceiver.unix(
              directory.resolve("in"),
              Multifd.CHANNELS,
              List.of("-nodefaults", "-M", "none", "-m", mib + "M")));

  /** Where there is nothing to copy, it's enough to be as fast as QEMU. */
  private static final double ZERO_BAR = 1;

  private final String label;
  private final double randomBar;
  private final int multifdChannels;
  private final Receiver.Opener opener;

  Transport(String label, double randomBar, int multifdChannels, Receiver.Opener opener) {
    this.label = label;
    this.randomBar = randomBar;
    this.multifdChannels = multifdChannels;
    this.opener = opener;
  }

  static Transport named(String label) {
    return Arrays.stream(values())
        .filter(transport -> transport.label.equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no transport '"
                        + label
                        + "', only "
                        + Arrays.stream(values())
                            .map(Transport::label)
                            .collect(Collectors.joining(", "))));
  }

  String label() {
    return label;
  }

  /** 0: no multifd. */
  int multifdChannels() {
    return multifdChannels;
  }

  Receiver.Opener opener() {
    return opener;
  }

  /** How many times as fast as QEMU. */
  double bar(boolean random) {
    return random ? randomBar : ZERO_BAR;
  }
}
