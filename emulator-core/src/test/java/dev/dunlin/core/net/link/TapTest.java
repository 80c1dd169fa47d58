package dev.dunlin.core.net.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.net.NicPort;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.posix.NetNamespace;
import dev.dunlin.core.posix.TapDevice;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.RequiresPeer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two kernels' network stacks, each behind a TAP, joined by a hub. */
@NoLeaks
@RequiresPeer({"ip", "ping", "iperf3"})
class TapTest {
  @TempDir Path temp;

  private static final Pattern RECEIVED =
      Pattern.compile("\"sum_received\":[^}]*\"bytes\":\\s*([0-9]+)");

  @ParameterizedTest
  @CsvSource({"on,1500", "off,1500", "on,65521", "off,65521"})
  void two_namespaces_talk_through_a_hub(String vnetHeader, int mtu) throws Exception {
    try (Netns one = Netns.create();
        Netns other = Netns.create();
        RunningNetworks networks =
            RunningNetworks.start(
                "-netdev tap,id=a,ifname=tapa,vnet_hdr=" + vnetHeader + ",netns=" + one.path(),
                "-netdev tap,id=b,ifname=tapb,vnet_hdr=" + vnetHeader + ",netns=" + other.path(),
                "-netdev hubport,id=pa,hubid=0,netdev=a -netdev hubport,id=pb,hubid=0,netdev=b")) {
      setUp(one, "tapa", "192.0.2.1/24", mtu);
      setUp(other, "tapb", "192.0.2.2/24", mtu);
      one.run("ping -c 3 -i 0.05 -W 5 192.0.2.2");
      one.run("ping -c 3 -i 0.05 -W 5 -M do -s " + (mtu - 28) + " 192.0.2.2");
      assertTrue(received(one, other) > 1 << 20);

      networks.qmp().execute("set_link", Map.of("name", "a", "up", false));
      assertEquals(1, one.result("ping -c 1 -W 1 192.0.2.2").exitStatus());
      networks.qmp().execute("set_link", Map.of("name", "a", "up", true));
      one.run("ping -c 1 -W 5 192.0.2.2");
    }
  }

  private static void setUp(Netns in, String device, String address, int mtu) {
    in.run("ip link set " + device + " mtu " + mtu + " up");
    in.run("ip addr add " + address + " dev " + device);
  }

  /**
   * What iperf3's server had of a stream when the client had sent all: buffers of kernels hold a
   * part back then.
   */
  private static long received(Netns client, Netns server) {
    try (ChildProcess iperf = server.start("iperf3 --forceflush -s -1 -p 5201")) {
      Await.until("iperf3", () -> iperf.stdout().text().contains("listening"));
      String report = client.run("iperf3 -c 192.0.2.2 -p 5201 -n 32M -J");
      Matcher received = RECEIVED.matcher(report);
      assertTrue(received.find(), report);
      return Long.parseLong(received.group(1));
    }
  }

  @Test
  void an_interface_of_another_namespace_is_shown_and_gone_at_the_end() throws Exception {
    try (Netns inside = Netns.create()) {
      try (RunningNetworks networks =
          RunningNetworks.start("-netdev tap,id=t,netns=" + inside.path())) {
        assertEquals(
            "t: index=0,type=tap,ifname=tap0,script=no,downscript=no,netns=" + inside.path() + "\n",
            networks.info());
        assertTrue(inside.run("ip link show").contains("tap0"));
      }
      assertTrue(!inside.run("ip link show").contains("tap0"));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_descriptor_that_somebody_opened_is_taken_over_with_its_header(boolean header)
      throws Exception {
    try (Netns inside = Netns.create()) {
      TapDevice opened = NetNamespace.call(inside.path(), () -> TapDevice.open("tapp", header));
      NicPort card = NicPort.builder().netdev("t").build();
      try (RunningNetworks networks =
          RunningNetworks.startWith(
              List.of(card), "-netdev tap,id=t,fd=" + opened.number() + ",sndbuf=1M")) {
        assertTrue(networks.info().contains("t: index=0,type=tap,fd=" + opened.number() + "\n"));
        inside.run("ip link set tapp up");
        inside.run("ip addr add 192.0.2.1/24 dev tapp");
        inside.result("ping -c 1 -W 1 192.0.2.2");
        Await.until("the kernel asks who has 192.0.2.2", () -> isQuestion(card));
      }
    }
  }

  /** An ARP request in the card's queue; the kernel has other things to say too. */
  private static boolean isQuestion(NicPort card) {
    Frame frame = card.toGuest();
    if (frame == null) {
      return false;
    }
    int type = frame.bytes().getShort(frame.start() + 12);
    int target = frame.bytes().getInt(frame.start() + 38);
    frame.release();
    return type == 0x0806 && target == 0xc000_0202;
  }

  @Test
  void scripts_run_with_the_interface_as_argument_in_its_namespace_and_must_succeed()
      throws Exception {
    Path script = temp.resolve("script");
    Path log = temp.resolve("log");
    Files.writeString(script, "#!/bin/sh\necho $0 $1 $(ip -br link | wc -l) >>" + log + "\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    try (Netns inside = Netns.create()) {
      String option = "-netdev tap,id=t,ifname=taps,netns=" + inside.path();
      try (RunningNetworks networks =
          RunningNetworks.start(option + ",script=" + script + ",downscript=" + script)) {
        assertEquals(script + " taps 2\n", Files.readString(log));
        assertTrue(networks.info().contains("script=" + script));
      }
      assertEquals(2, Files.readAllLines(log).size());
      String mistake =
          assertThrows(
                  OptionException.class,
                  () -> RunningNetworks.start(option + ",script=/bin/false").close())
              .getMessage();
      assertTrue(mistake != null && mistake.contains("network script /bin/false failed"), mistake);
    }
  }
}
