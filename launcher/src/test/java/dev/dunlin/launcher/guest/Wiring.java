package dev.dunlin.launcher.guest;

import java.util.List;

/**
 * The wire between a network that runs in one process and the guest in another: two {@code -netdev}
 * values that fit together. Ports are free, since the trial has a network of its own.
 */
enum Wiring {
  STREAM_UNIX(
      "stream,id=%s,server=on,addr.type=unix,addr.path=%s/wire",
      "stream,id=%s,server=off,addr.type=unix,addr.path=%s/wire"),
  STREAM_INET(
      "stream,id=%s,server=on,addr.type=inet,addr.host=127.0.0.1,addr.port=6000",
      "stream,id=%s,server=off,addr.type=inet,addr.host=127.0.0.1,addr.port=6000"),
  DGRAM_UNIX(
      "dgram,id=%s,local.type=unix,local.path=%2$s/net,remote.type=unix,remote.path=%2$s/card",
      "dgram,id=%s,local.type=unix,local.path=%2$s/card,remote.type=unix,remote.path=%2$s/net"),
  DGRAM_INET(
      "dgram,id=%s,local.type=inet,local.host=127.0.0.1,local.port=6001,"
          + "remote.type=inet,remote.host=127.0.0.1,remote.port=6002",
      "dgram,id=%s,local.type=inet,local.host=127.0.0.1,local.port=6002,"
          + "remote.type=inet,remote.host=127.0.0.1,remote.port=6001"),
  SOCKET_LISTENS("socket,id=%s,listen=127.0.0.1:6003", "socket,id=%s,connect=127.0.0.1:6003"),
  SOCKET_UDP(
      "socket,id=%s,udp=127.0.0.1:6005,localaddr=127.0.0.1:6004",
      "socket,id=%s,udp=127.0.0.1:6004,localaddr=127.0.0.1:6005");

  private final String networkEnd;
  private final String guestEnd;

  Wiring(String networkEnd, String guestEnd) {
    this.networkEnd = networkEnd;
    this.guestEnd = guestEnd;
  }

  /** {@code -netdev} arguments that join a user network to this wire by a hub, as QEMU does it. */
  List<String> networkArguments(String userNetdev, String directory) {
    return List.of(
        "-netdev",
        userNetdev,
        "-netdev",
        networkEnd.formatted("wire", directory),
        "-netdev",
        "hubport,id=h0,hubid=0,netdev=u",
        "-netdev",
        "hubport,id=h1,hubid=0,netdev=wire");
  }

  /** The guest's end: netdev {@code n}. */
  String guestNetdev(String directory) {
    return guestEnd.formatted("n", directory);
  }

  /** The guest's end, with a card on it. */
  List<String> guestArguments(Card card, String directory) {
    return List.of("-netdev", guestNetdev(directory), "-device", card.device("n"));
  }
}
