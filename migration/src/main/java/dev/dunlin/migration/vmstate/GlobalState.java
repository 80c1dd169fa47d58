package dev.dunlin.migration.vmstate;

import dev.dunlin.core.run.RunState;
import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.SavevmWriter;
import dev.dunlin.migration.stream.SectionLoader;
import dev.dunlin.migration.stream.StreamInput;
import dev.dunlin.migration.stream.VmDescription;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The source's run state before it was stopped, so that a guest saved while paused stays paused
 * where it is loaded (QEMU migration/global_state.c): be32 length with the terminating zero, 100
 * bytes of name.
 */
public final class GlobalState implements SectionLoader {
  public static final String IDSTR = "globalstate";
  public static final int VERSION = 1;
  private static final int NAME_BYTES = 100;

  private Optional<RunState> received = Optional.empty();

  public static void save(
      SavevmWriter writer, int section, RunState state, VmDescription description)
      throws IOException {
    byte[] name = state.qapiName().getBytes(StandardCharsets.US_ASCII);
    writer.beginFull(section, IDSTR, 0, VERSION);
    writer.out().putInt(name.length + 1);
    writer.out().putBytes(Arrays.copyOf(name, NAME_BYTES));
    writer.endSection(section);
    description.addDevice(
        IDSTR,
        0,
        VERSION,
        List.of(
            new VmDescription.Field("size", "uint32", 4),
            new VmDescription.Field("runstate", "buffer", NAME_BYTES)));
  }

  /**
   * Whether the section is sent: always when the machine stores its state; else only when it isn't
   * what a loader assumes anyway.
   */
  public static boolean isNeeded(boolean storeGlobalState, RunState state) {
    return storeGlobalState || (state != RunState.RUNNING && state != RunState.PAUSED);
  }

  /** What the stream said, empty when it had no such section. */
  public Optional<RunState> received() {
    return received;
  }

  @Override
  public String idstr() {
    return IDSTR;
  }

  @Override
  public int instance() {
    return 0;
  }

  @Override
  public int version() {
    return VERSION;
  }

  @Override
  public void load(StreamInput in, int version) throws LoadException {
    in.getInt();
    byte[] bytes = new byte[NAME_BYTES];
    in.get(bytes);
    in.check();
    String name = text(bytes);
    received =
        Arrays.stream(RunState.values()).filter(state -> state.qapiName().equals(name)).findFirst();
    if (received.isEmpty()) {
      throw LoadException.invalid("Unknown received state " + name);
    }
  }

  private static String text(byte[] bytes) {
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }
}
