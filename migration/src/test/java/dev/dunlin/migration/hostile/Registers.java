package dev.dunlin.migration.hostile;

import com.google.common.collect.ImmutableList;
import dev.dunlin.migration.vmstate.DescribedState;
import dev.dunlin.migration.vmstate.IntType;
import dev.dunlin.migration.vmstate.Slots;
import dev.dunlin.migration.vmstate.StateEntry;
import dev.dunlin.migration.vmstate.VmState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The state of a device that has a field of every kind. Its text is all that it holds. */
public final class Registers {
  /** The section's name, instance 0. */
  public static final String IDSTR = "registers";

  public static final int VERSION = 3;

  private static final VmState<Lane> LANE =
      VmState.<Lane>named("lane", 2)
          .minimumVersion(1)
          .uint32("count", l -> l.count, (l, v) -> l.count = v)
          .bool("on", l -> l.on, (l, v) -> l.on = v)
          .subsection(
              VmState.<Lane>named("lane/late", 1)
                  .neededWhen(l -> l.late != 0)
                  .int16("late", l -> l.late, (l, v) -> l.late = (short) v)
                  .build())
          .build();

  private static final VmState<State> STATE =
      VmState.<State>named(IDSTR, VERSION)
          .minimumVersion(2)
          .equal("kind", IntType.UINT16, s -> 0x1234)
          .uint8("fill", s -> s.fill, (s, v) -> s.fill = v)
          .array("queue", IntType.UINT16, s -> s.fill, 8, s -> Slots.of(s.queue))
          .since(3, f -> f.timer("expiry", s -> s.expiry, (s, v) -> s.expiry = v))
          .buffer("fixed", s -> s.fixed)
          .int32("length", s -> s.length, (s, v) -> s.length = v)
          .buffer("message", s -> s.length, 1 << 20, s -> s.message, (s, v) -> s.message = v)
          .bitmap("pins", 70, s -> s.pins)
          .struct("first", LANE, s -> s.lanes[0])
          .structs("lanes", s -> s.fill, 8, LANE, (s, i) -> s.lanes[i % 2])
          .list("jobs", 4, LANE, s -> s.jobs, Lane::new, (s, lane) -> s.jobs.add(lane))
          .when((s, version) -> s.expiry > 0, f -> f.unused(3))
          .validate("fill is even", (s, version) -> s.fill % 2 == 0)
          .subsection(
              VmState.<State>named(IDSTR + "/extra", 1)
                  .neededWhen(s -> s.extra.length > 0)
                  .uint32("extra_length", s -> s.extraLength, (s, v) -> s.extraLength = (int) v)
                  .buffer("extra", s -> s.extraLength, 64, s -> s.extra, (s, v) -> s.extra = v)
                  .list("more", 4, LANE, s -> s.jobs, Lane::new, (s, lane) -> s.jobs.add(lane))
                  .build())
          .postLoad((s, version) -> s.derived = s.queue[0] + version)
          .build();

  private State state = new State();

  /** Something that comes several times. */
  private static final class Lane {
    private long count = 3;
    private boolean on = true;
    private short late = 5;

    @Override
    public String toString() {
      return count + (on ? "+" : "-") + late;
    }
  }

  private static final class State {
    private int fill = 2;
    private final short[] queue = {7, 8, 0, 0, 0, 0, 0, 0};
    private long expiry = 99;
    private final byte[] fixed = {1, 2, 3, 4};
    private int length = 5;
    private byte[] message = {9, 8, 7, 6, 5};
    private final long[] pins = {-1, 3};
    private final Lane[] lanes = {new Lane(), new Lane()};
    private final List<Lane> jobs = new ArrayList<>(List.of(new Lane()));
    private int extraLength = 2;
    private byte[] extra = {1, 2};
    private int derived;

    /** As after a reset: what comes in is all that is there. */
    static State fresh() {
      State fresh = new State();
      fresh.jobs.clear();
      return fresh;
    }
  }

  /** What a machine registers. */
  public ImmutableList<StateEntry> entries() {
    return ImmutableList.of(
        DescribedState.of(STATE, () -> state, State::fresh, loaded -> state = loaded));
  }

  /** Back to what it was at first. */
  public void reset() {
    state = new State();
  }

  @Override
  public String toString() {
    return state.fill
        + Arrays.toString(state.queue)
        + state.expiry
        + Arrays.toString(state.fixed)
        + Arrays.hashCode(state.message)
        + Arrays.toString(state.pins)
        + Arrays.toString(state.lanes)
        + state.jobs
        + Arrays.toString(state.extra)
        + state.derived;
  }
}
