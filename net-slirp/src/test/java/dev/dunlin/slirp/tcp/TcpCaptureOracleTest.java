package dev.dunlin.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.net.frame.PcapTap;
import dev.dunlin.slirp.testing.ManualClock;
import dev.dunlin.slirp.testing.Tshark;
import dev.dunlin.testing.RequiresPeer;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Wireshark reads every frame that the scripts' conversations brought to the guest. */
@RequiresPeer("tshark")
final class TcpCaptureOracleTest {
  private static final List<Class<?>> SCRIPTS =
      List.of(
          ThreeWayHandshakeTest.class,
          OpeningTest.class,
          SequenceTest.class,
          SendingTest.class,
          ReceivingTest.class,
          RepairTest.class,
          ClosingTest.class,
          GuestReportsTest.class);

  @TempDir Path directory;

  @AfterEach
  void stopRecording() {
    TcpScript.recorder = null;
  }

  @Test
  void wireshark_finds_no_fault_in_what_the_scripts_send() throws Exception {
    Path file = directory.resolve("scripts.pcap");
    int scripts = 0;
    try (PcapTap tap = open(file)) {
      TcpScript.recorder = tap;
      for (Class<?> type : SCRIPTS) {
        for (Method method : type.getDeclaredMethods()) {
          scripts += run(type, method);
        }
      }
    }
    assertTrue(scripts > 90, scripts + " scripts");
    assertTrue(Files.size(file) > 100_000);
    assertEquals(List.of(), Tshark.select(file, Tshark.FAULTS));
    assertAtLeast(file, "tcp.options.sack.count == 3", 1);
    assertAtLeast(file, "tcp.options.timestamp.tsval && tcp.len == 1448", 3);
    assertAtLeast(file, "tcp.flags.syn == 1 && tcp.options.wscale.shift == 5", 5);
    assertAtLeast(file, "tcp.flags.reset == 1", 10);
    assertAtLeast(file, "tcp.flags.fin == 1 && tcp.flags.push == 1", 1);
    assertAtLeast(file, "ip.len > 14000 && tcp.checksum.status == 1", 1);
  }

  private static int run(Class<?> type, Method method) throws ReflectiveOperationException {
    if (!method.isAnnotationPresent(Test.class)) {
      return 0;
    }
    Constructor<?> constructor = type.getDeclaredConstructor();
    constructor.setAccessible(true);
    method.setAccessible(true);
    method.invoke(constructor.newInstance());
    return 1;
  }

  private static PcapTap open(Path file) throws Exception {
    return new PcapTap(
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE),
        new ManualClock(),
        65_536 + 256);
  }

  private static void assertAtLeast(Path file, String filter, int count) throws Exception {
    int found = Tshark.select(file, filter).size();
    assertTrue(found >= count, filter + ": " + found);
  }
}
