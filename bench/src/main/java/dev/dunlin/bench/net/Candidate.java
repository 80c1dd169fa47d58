package dev.dunlin.bench.net;

import dev.dunlin.testing.DunlinProcess;
import dev.dunlin.testing.Peer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What can carry a guest's traffic: the peers, Dunlin, and the kernel alone as the limit. */
enum Candidate {
  SLIRP4NETNS(Role.PEER, "10.0.2.100", "10.0.2.2"),
  PASTA(Role.PEER, Lab.UPLINK_ADDRESS, Lab.UPLINK_GATEWAY),
  DUNLIN(Role.OURS, "10.0.2.15", "10.0.2.2"),
  DUNLIN_PLAIN(Role.OURS, "10.0.2.15", "10.0.2.2"),
  VETH(Role.LIMIT, "10.99.0.2", "10.99.0.1"),
  LOOPBACK(Role.LIMIT, "127.0.0.1", "127.0.0.1");

  enum Role {
    PEER,
    OURS,
    LIMIT
  }

  private final Role role;
  private final String address;
  private final String gateway;

  Candidate(Role role, String address, String gateway) {
    this.role = role;
    this.address = address;
    this.gateway = gateway;
  }

  static Candidate named(String name) {
    for (Candidate candidate : values()) {
      if (candidate.label().equals(name)) {
        return candidate;
      }
    }
    throw new IllegalArgumentException(
        "no contender '"
            + name
            + "'; there are "
            + List.of(values()).stream().map(Candidate::label).toList());
  }

  Role role() {
    return role;
  }

  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The guest's own address. */
  String address() {
    return address;
  }

  /** Where the guest finds the host's servers. */
  String gateway() {
    return gateway;
  }

  /** The program that serves a TAP named tap0 in the guest's namespace; none for the limits. */
  List<String> command(Namespace guest, int mtu) {
    return switch (this) {
      case SLIRP4NETNS ->
          List.of(
              Peer.path("slirp4netns"),
              "--netns-type=path",
              "-m",
              "" + mtu,
              guest.path().toString(),
              "tap0");
      case PASTA ->
          words(
              Peer.path("pasta"),
              "--runas 0:0 -f -q -4 -I tap0 -t none -u none -T none -U none -m "
                  + mtu
                  + " --netns "
                  + guest.path());
      case DUNLIN -> dunlin(guest, mtu, "on");
      case DUNLIN_PLAIN -> dunlin(guest, mtu, "off");
      case VETH, LOOPBACK -> List.of();
    };
  }

  private static List<String> words(String program, String words) {
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(Arrays.asList(words.split(" ")));
    return command;
  }

  private static List<String> dunlin(Namespace guest, int mtu, String vnetHdr) {
    List<String> command = new ArrayList<>(DunlinProcess.command());
    command.addAll(
        List.of(
            "-M", "none",
            "-netdev", "user,id=u,mtu=" + mtu,
            "-netdev",
                "tap,id=t,ifname=tap0,script=no,downscript=no,vnet_hdr="
                    + vnetHdr
                    + ",netns="
                    + guest.path(),
            "-netdev", "hubport,id=h0,hubid=0,netdev=u",
            "-netdev", "hubport,id=h1,hubid=0,netdev=t"));
    return command;
  }
}
