package dev.dunlin.slirp.tcp.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dunlin.slirp.tcp.TcpConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * How long two megabytes take, by loss, buffer and direction, in virtual milliseconds. A change of
 * the engine that moves a number shows in the table's file and is judged there.
 */
final class ThroughputTableTest {
  private static final int BYTES = 2_000_000;
  private static final int[] LOSSES = {0, 5, 10, 50, 100};
  private static final int[] BUFFERS = {8_000, 64_000, 512_000};

  @Test
  void loss_times_buffer_times_direction() throws IOException {
    StringBuilder table =
        new StringBuilder("loss/1000  buffer  to guest ms  packets  to host ms\n");
    for (int loss : LOSSES) {
      for (int buffer : BUFFERS) {
        Simulation toGuest = new Simulation(plan(loss, buffer, true), loss * 31L + buffer);
        toGuest.run();
        Simulation toHost = new Simulation(plan(loss, buffer, false), loss * 37L + buffer);
        toHost.run();
        table.append(
            String.format(
                Locale.ROOT,
                "%9d %7d %12d %8d %11d\n",
                loss,
                buffer,
                toGuest.dataDone / 1_000_000,
                toGuest.packetsToGuest,
                toHost.dataDone / 1_000_000));
      }
    }
    assertEquals(golden(), table.toString());
  }

  private static String golden() throws IOException {
    try (InputStream in = ThroughputTableTest.class.getResourceAsStream("throughput.txt")) {
      return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static Simulation.Plan plan(int loss, int buffer, boolean toGuest) {
    SmallTcp.Traits guest = new SmallTcp.Traits(1460, buffer, 4, true, true, true, true);
    return new Simulation.Plan(
        guest,
        toGuest ? 100 : BYTES,
        toGuest ? BYTES : 100,
        1 << 20,
        1 << 20,
        1 << 20,
        false,
        false,
        false,
        false,
        1500,
        TcpConfig.standard().withBuffers(buffer, 1 << 20, 64L << 20),
        BadLink.lossy(loss));
  }
}
