package dev.dunlin.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.slirp.wire.IpAddr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The table, the heap and the ranges against plain models, by random operations. */
final class FlowTableTest {
  private final TcpStack stack =
      new TcpStack(
          TcpConfig.standard(),
          1500,
          (guest, from, to, port, listener, now) -> java.util.Optional.empty(),
          frame -> frame.release());

  private TcpFlow flow(IpAddr guest, int ports) {
    Surroundings around =
        new Surroundings(
            TcpConfig.standard(),
            stack.pool,
            new ChunkPool(0, false),
            stack.output,
            new dev.dunlin.slirp.icmp.IcmpErrors(stack.net, stack.pool, stack.output, stack.drops),
            stack.drops,
            new Surroundings.Offload());
    SegmentWriter writer = new SegmentWriter(around);
    FlowTurn turn = new FlowTurn(around, writer, new FlowTable(0), new TimerHeap());
    return new TcpFlow(guest, IpAddr.LOOPBACK_V6, ports, around, writer, turn, 0, 0);
  }

  @Test
  void table_finds_what_was_added_and_nothing_else() {
    SplittableRandom random = new SplittableRandom(1);
    FlowTable table = new FlowTable(random.nextLong());
    Map<Integer, TcpFlow> model = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      int ports = random.nextInt(500);
      TcpFlow known = model.get(ports);
      if (known == null) {
        TcpFlow fresh = flow(IpAddr.LOOPBACK_V4, ports);
        model.put(ports, fresh);
        table.add(fresh);
      } else if (random.nextBoolean()) {
        model.remove(ports);
        table.remove(known);
        table.remove(known);
      }
      int asked = random.nextInt(500);
      assertSame(model.get(asked), table.find(IpAddr.LOOPBACK_V4, IpAddr.LOOPBACK_V6, asked));
      assertEquals(model.size(), table.size());
    }
    assertNull(table.find(IpAddr.ANY_V6, IpAddr.LOOPBACK_V6, 1));
  }

  @Test
  void heap_gives_the_earliest_first_across_an_overflow_of_the_clock() {
    SplittableRandom random = new SplittableRandom(2);
    long origin = Long.MAX_VALUE - 500;
    for (int round = 0; round < 200; round++) {
      TimerHeap heap = new TimerHeap();
      List<TcpFlow> flows = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        TcpFlow flow = flow(IpAddr.LOOPBACK_V4, i);
        flows.add(flow);
        heap.schedule(flow, origin + random.nextInt(1000));
      }
      for (TcpFlow flow : flows) {
        if (random.nextInt(3) == 0) {
          heap.schedule(flow, origin + random.nextInt(1000));
        } else if (random.nextInt(5) == 0) {
          heap.remove(flow);
        }
      }
      long last = origin;
      while (!heap.isEmpty()) {
        TcpFlow first = heap.first();
        assertTrue(first.heapDue - last >= 0);
        last = first.heapDue;
        heap.remove(first);
      }
    }
  }

  @Test
  void ranges_are_the_union_of_what_was_added() {
    SplittableRandom random = new SplittableRandom(3);
    int base = Integer.MAX_VALUE - 100;
    for (int round = 0; round < 500; round++) {
      Ranges ranges = new Ranges(64);
      TreeSet<Integer> model = new TreeSet<>();
      for (int i = 0; i < 40; i++) {
        int from = random.nextInt(200);
        int to = from + 1 + random.nextInt(20);
        boolean news = false;
        for (int n = from; n < to; n++) {
          news |= model.add(n);
        }
        assertEquals(news, ranges.add(base + from, base + to));
        int trim = random.nextInt(10) == 0 ? random.nextInt(100) : 0;
        model.headSet(trim).clear();
        ranges.trim(base + trim);
        assertEquals(model.size(), ranges.covered(base, base + 300));
        int half = random.nextInt(200);
        assertEquals(model.headSet(half).size(), ranges.covered(base, base + half));
        int index = ranges.find(base + half);
        boolean inside = index < ranges.size() && ranges.left(index) - (base + half) <= 0;
        assertEquals(model.contains(half), inside);
      }
    }
  }
}
