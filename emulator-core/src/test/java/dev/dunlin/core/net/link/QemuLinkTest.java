package dev.dunlin.core.net.link;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.RealQemu;
import dev.dunlin.testing.RequiresPeer;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Real QEMUs on both sides of a hub of ours: one boots iPXE, which asks for an address; the other's
 * user network answers. What they say to each other passes through us, over each kind of link.
 */
@NoLeaks
@Timeout(300)
@RequiresPeer({"qemu-system-x86_64", "tshark", "ip", "tcpdump"})
class QemuLinkTest {
  private static final Duration BOOT = Duration.ofSeconds(120);

  @TempDir Path temp;

  private RealQemu boots(String netdev) {
    return RealQemu.start(
        "-M", "pc", "-m", "64", "-boot", "n", "-netdev", netdev, "-device", "e1000,netdev=n");
  }

  private static RealQemu serves(String netdev) {
    return RealQemu.start(
        "-M",
        "none",
        "-netdev",
        "user,id=u",
        "-netdev",
        netdev,
        "-netdev",
        "hubport,id=pu,hubid=0,netdev=u",
        "-netdev",
        "hubport,id=pn,hubid=0,netdev=n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"stream", "dgram", "socket"})
  void one_qemu_gets_its_address_from_another_through_our_hub(String kind) throws Exception {
    Path capture = temp.resolve("frames.pcap");
    String guest = temp.resolve("guest").toString();
    String server = temp.resolve("server").toString();
    String port = String.valueOf(freePort());
    String ours =
        switch (kind) {
          case "stream" -> "stream,id=b,server=on,addr.type=unix,addr.path=" + server;
          case "dgram" ->
              "dgram,id=b,local.type=unix,local.path="
                  + server
                  + ",remote.type=unix,remote.path="
                  + server
                  + "-peer";
          default -> "socket,id=b,listen=127.0.0.1:" + port;
        };
    String theirs =
        switch (kind) {
          case "stream" -> "stream,id=n,addr.type=unix,addr.path=" + server;
          case "dgram" ->
              "dgram,id=n,local.type=unix,local.path="
                  + server
                  + "-peer,remote.type=unix,remote.path="
                  + server;
          default -> "socket,id=n,connect=127.0.0.1:" + port;
        };
    try (RunningNetworks networks =
            RunningNetworks.start(
                "-netdev stream,id=a,server=on,addr.type=unix,addr.path=" + guest,
                "-netdev " + ours,
                "-netdev hubport,id=pa,hubid=0,netdev=a -netdev hubport,id=pb,hubid=0,netdev=b",
                "-object filter-dump,id=f,netdev=a,file=" + capture);
        RealQemu answering = serves(theirs);
        RealQemu booting = boots("stream,id=n,addr.type=unix,addr.path=" + guest)) {
      assertTrue(booting.process().isAlive() && answering.process().isAlive());
      Await.until(
          "iPXE has its address",
          BOOT,
          () -> PeerPrograms.count(capture, "dhcp.option.dhcp == 5") > 0);
      networks.qmp().human("object_del f");
      PeerPrograms.assertSound(capture);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Test
  void a_frame_of_a_qemu_shows_up_on_a_tap_in_another_namespace() throws Exception {
    String guest = temp.resolve("guest").toString();
    try (Netns inside = Netns.create();
        RunningNetworks networks =
            RunningNetworks.start(
                "-netdev stream,id=a,server=on,addr.type=unix,addr.path=" + guest,
                "-netdev tap,id=t,ifname=tapq,netns=" + inside.path(),
                "-netdev hubport,id=pa,hubid=0,netdev=a -netdev hubport,id=pt,hubid=0,netdev=t")) {
      inside.run("ip link set tapq up");
      try (ChildProcess tcpdump = inside.start("tcpdump -l -n -i tapq udp port 67");
          RealQemu booting = boots("stream,id=n,addr.type=unix,addr.path=" + guest)) {
        Await.until(
            "iPXE's question",
            BOOT,
            () -> tcpdump.stdout().text().contains("BOOTP/DHCP, Request from 52:54:00:12:34:56"));
        assertTrue(booting.process().isAlive());
        networks.awaitInfo("a: index=0,type=stream,unix:" + guest);
      }
    }
  }
}
