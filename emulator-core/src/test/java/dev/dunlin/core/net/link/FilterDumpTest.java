package dev.dunlin.core.net.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.QmpError;
import dev.dunlin.testing.RequiresPeer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a filter writes while two kernels talk, judged by tshark. */
@NoLeaks
@Timeout(120)
@RequiresPeer({"ip", "iperf3", "tshark"})
class FilterDumpTest {
  @TempDir Path temp;

  @Test
  void both_ways_are_recorded_whole_and_with_good_checksums_though_the_kernels_offload()
      throws Exception {
    Path both = temp.resolve("both.pcap");
    Path sent = temp.resolve("sent.pcap");
    try (Netns one = Netns.create();
        Netns other = Netns.create();
        RunningNetworks networks =
            RunningNetworks.start(
                "-netdev tap,id=a,ifname=tapa,netns=" + one.path(),
                "-netdev tap,id=b,ifname=tapb,netns=" + other.path(),
                "-netdev hubport,id=pa,hubid=0,netdev=a -netdev hubport,id=pb,hubid=0,netdev=b",
                "-object filter-dump,id=both,netdev=a,file=" + both)) {
      networks
          .qmp()
          .execute(
              "object-add",
              Map.of(
                  "qom-type",
                  "filter-dump",
                  "id",
                  "sent",
                  "netdev",
                  "a",
                  "file",
                  sent.toString(),
                  "queue",
                  "tx",
                  "maxlen",
                  100));
      String line = "type=filter-dump,file=" + both + ",maxlen=65536,position=tail,status=on";
      assertTrue(networks.info().contains("filters:\n  - both: " + line), networks.info());
      one.run("ip link set tapa up");
      one.run("ip addr add 192.0.2.1/24 dev tapa");
      other.run("ip link set tapb up");
      other.run("ip addr add 192.0.2.2/24 dev tapb");
      try (ChildProcess iperf = other.start("iperf3 --forceflush -s -1 -p 5201")) {
        Await.until("iperf3", () -> iperf.stdout().text().contains("listening"));
        one.run("iperf3 -c 192.0.2.2 -p 5201 -n 4M");
      }
      networks.qmp().human("object_del sent");
      networks.qmp().execute("object-del", Map.of("id", "both"));
      assertTrue(!networks.info().contains("filters"), networks.info());
      one.run("ping -c 1 192.0.2.2");
    }
    PeerPrograms.assertSound(both);
    assertTrue(PeerPrograms.count(both, "tcp.len > 1460") > 0, "segments travelled whole");
    assertTrue(PeerPrograms.count(both, "ip.src == 192.0.2.2 && tcp") > 0);
    assertEquals(0, PeerPrograms.count(both, "icmp"), "nothing after the end");
    assertTrue(PeerPrograms.count(sent, "ip.src == 192.0.2.1 && tcp") > 0);
    assertEquals(0, PeerPrograms.count(sent, "ip.src == 192.0.2.2"));
    assertEquals(0, PeerPrograms.count(sent, "frame.cap_len > 100"));
  }

  @Test
  void mistakes_at_the_monitor_are_told_as_qemu_tells_them() throws Exception {
    Path file = temp.resolve("f.pcap");
    try (RunningNetworks networks = RunningNetworks.start("-netdev hubport,id=n,hubid=0")) {
      assertEquals(
          "Error: Parameter 'id' is missing\r\n", networks.qmp().human("object_add filter-dump"));
      assertEquals(
          "Error: Parameter 'netdev' expects a network backend id\r\n",
          networks.qmp().human("object_add filter-dump,id=f,netdev=zz,file=" + file));
      assertEquals("", networks.qmp().human("object_add filter-dump,id=f,netdev=n,file=" + file));
      assertEquals(
          "Error: attempt to add duplicate property 'f' to object (type 'container')\r\n",
          networks.qmp().human("object_add filter-dump,id=f,netdev=n,file=" + file));
      assertEquals("Error: object 'g' not found\r\n", networks.qmp().human("object_del g"));
      assertEquals(
          "object 'g' not found",
          assertThrows(
                  QmpError.class, () -> networks.qmp().execute("object-del", Map.of("id", "g")))
              .getMessage());
      assertEquals(24, Files.size(file), "a header and no frame");
    }
  }
}
