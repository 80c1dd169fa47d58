package dev.dunlin.migration;

import dev.dunlin.core.posix.GuestMemoryFiles;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.migration.channel.AbortSignal;
import dev.dunlin.migration.channel.IncomingChannel;
import dev.dunlin.migration.channel.IncomingOpener;
import dev.dunlin.migration.hostile.Registers;
import dev.dunlin.migration.multifd.Compression;
import dev.dunlin.migration.multifd.MultifdListener;
import dev.dunlin.migration.relay.HeldGuest;
import dev.dunlin.migration.stream.BytesChannel;
import dev.dunlin.migration.stream.SavevmWriter;
import dev.dunlin.migration.stream.StreamDialect;
import dev.dunlin.migration.stream.StreamOutput;
import dev.dunlin.migration.vmstate.VmStateRegistry;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.ram.MappedRam;
import dev.dunlin.ram.PhysicalMap;
import dev.dunlin.ram.RamBlock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.zip.CRC32C;

/**
 * A machine that streams are loaded into, one after the other, by the very loader that an incoming
 * migration uses. After each it looks at itself: a stream that was refused must have left no trace.
 * Not thread-safe.
 */
public final class LoadTrial implements AutoCloseable {
  /** Of the modern machine's block, which is called ram. */
  public static final int PAGES = 4;

  private static final int PAGE = RamBlock.PAGE_SIZE;
  private static final byte OLD = 0x5a;
  private static final UUID ID = new UUID(0, 0);

  private final String type;
  private final StreamDialect dialect;
  private final List<RamBlock> blocks = new ArrayList<>();
  private final Registers registers = new Registers();
  private final VmStateRegistry devices = new VmStateRegistry();
  private final Optional<Compression> multifd;

  private LoadTrial(
      String type, StreamDialect dialect, Optional<Compression> multifd, Object... blocks)
      throws IOException {
    this.type = type;
    this.dialect = dialect;
    this.multifd = multifd;
    for (int i = 0; i < blocks.length; i += 2) {
      String name = (String) blocks[i];
      long length = (long) PAGE * (int) blocks[i + 1];
      this.blocks.add(
          new RamBlock(name, MappedRam.create(GuestMemoryFiles.best(), name, length), false));
    }
    registers.entries().forEach(devices::add);
    reset();
  }

  /** Of QEMU 7.2's time, with a device. */
  public static LoadTrial modern() throws IOException {
    return new LoadTrial("none", StreamDialect.MODERN, Optional.empty(), "ram", PAGES);
  }

  /** qemu-kvm 0.12's, with a device. */
  public static LoadTrial classic() throws IOException {
    return new LoadTrial(
        "pc-0.12", StreamDialect.PC_0_12, Optional.empty(), "pc.ram", PAGES, "pc.bios", 2);
  }

  /** With one connection for pages beside the stream's. */
  public static LoadTrial multifd(Compression compression) throws IOException {
    return new LoadTrial("none", StreamDialect.MODERN, Optional.of(compression), "ram", 16);
  }

  /** One that has no memory until a guest brings some, 64 MiB at most. */
  public static LoadTrial relay() throws IOException {
    return new LoadTrial("relay", StreamDialect.MODERN, Optional.empty());
  }

  /**
   * A stream that such a machine writes into a file, by a migration as users start it.
   *
   * @param withDevice whether its device goes along
   */
  public byte[] save(Path file, boolean withDevice) throws Exception {
    TestVm.Builder builder = new TestVm.Builder(type);
    for (RamBlock block : blocks) {
      builder.block(block.idstr(), block.length());
    }
    if (withDevice) {
      Registers saved = new Registers();
      saved.entries().forEach(entry -> builder.module(m -> m.withState(entry)));
    }
    try (TestVm vm = builder.start().scribble(7).running()) {
      String said = vm.hmp("migrate \"exec:cat >" + file + "\"");
      if (!vm.statusLine().equals("completed")) {
        throw new AssertionError(said + vm.statusLine());
      }
    }
    return Files.readAllBytes(file);
  }

  /**
   * Loads a stream, and what comes on the pages' connection.
   *
   * @return empty when it was taken, else the loader's words
   * @throws AssertionError when it ended in any way that a stream may not bring about
   */
  public List<String> load(byte[] stream, byte[]... lanes) {
    Deque<IncomingChannel> coming = new ArrayDeque<>();
    coming.add(new BytesChannel(stream, Integer.MAX_VALUE));
    for (byte[] lane : lanes) {
      coming.add(new BytesChannel(lane, Integer.MAX_VALUE));
    }
    GuestRam ram = ram();
    try (AbortSignal abort = AbortSignal.open()) {
      return load(new MultifdListener(new Waiting(coming), this::settings), ram, abort);
    } catch (PosixException e) {
      throw new AssertionError(e);
    } finally {
      if (isRelay()) {
        ram.close();
      }
    }
  }

  /** A relay's memory is the guest's, another one each time. */
  private boolean isRelay() {
    return blocks.isEmpty();
  }

  private Optional<MultifdListener.Settings> settings() {
    return multifd.map(compression -> new MultifdListener.Settings(1, compression, ID));
  }

  private GuestRam ram() {
    return isRelay() ? GuestRam.awaited(64 << 20) : new GuestRam(blocks, PhysicalMap.EMPTY);
  }

  private List<String> load(IncomingOpener.Listener listener, GuestRam ram, AbortSignal abort) {
    String before = fingerprint();
    VmStateRegistry states = isRelay() ? new VmStateRegistry() : devices;
    IncomingLoader.Machine machine =
        new IncomingLoader.Machine(
            ram, type, dialect, Optional.empty(), states, GuestMemoryFiles.best());
    IncomingLoader loader =
        new IncomingLoader(
            machine,
            action -> {
              action.run();
              return CompletableFuture.completedFuture(null);
            },
            abort);
    IncomingLoader.Verdict verdict = loader.load(listener, () -> {});
    if (verdict instanceof IncomingLoader.Refused refused) {
      check(refused.lines(), before, ram);
      return refused.lines();
    }
    if (!(verdict instanceof IncomingLoader.Loaded)) {
      throw new AssertionError("abandoned");
    }
    states.held().ifPresent(held -> canBeSent(held, ram));
    reset();
    return List.of();
  }

  private void check(List<String> lines, String before, GuestRam ram) {
    for (String line : lines) {
      if (line.startsWith("internal error") || line.isBlank()) {
        throw new AssertionError("a defect: " + lines);
      }
    }
    if (!lines.get(lines.size() - 1).startsWith("load of migration failed: ")) {
      throw new AssertionError("no verdict: " + lines);
    }
    if (!before.equals(fingerprint()) || (isRelay() && !ram.isAwaited())) {
      throw new AssertionError("a stream that was refused changed the machine: " + lines);
    }
  }

  /** What a relay took in it can put out again. */
  private static void canBeSent(HeldGuest held, GuestRam ram) {
    StreamOutput nowhere = new StreamOutput(bytes -> bytes.position(bytes.limit()));
    try {
      SavevmWriter writer = new SavevmWriter(nowhere, held.dialect());
      held.saveHeader(writer);
      for (RamBlock block : ram.blocks()) {
        nowhere.putCounted(block.idstr());
      }
      held.saveDevices(writer);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void reset() {
    byte[] page = new byte[PAGE];
    Arrays.fill(page, OLD);
    for (RamBlock block : blocks) {
      for (long at = 0; at < block.length(); at += PAGE) {
        block.write(at, ByteBuffer.wrap(page));
      }
    }
    registers.reset();
  }

  private String fingerprint() {
    CRC32C sum = new CRC32C();
    ByteBuffer page = ByteBuffer.allocate(PAGE);
    for (RamBlock block : blocks) {
      for (long at = 0; at < block.length(); at += PAGE) {
        block.read(at, page.clear());
        sum.update(page.flip());
      }
    }
    return Long.toHexString(sum.getValue()) + " " + registers;
  }

  @Override
  public void close() {
    blocks.forEach(block -> block.backing().close());
  }

  /** The connections, in the order in which they are accepted. */
  private record Waiting(Deque<IncomingChannel> coming) implements IncomingOpener.Listener {
    @Override
    public IncomingChannel accept() throws IOException {
      IncomingChannel next = coming.poll();
      if (next == null) {
        throw new IOException("nobody else comes");
      }
      return next;
    }

    @Override
    public Optional<IncomingOpener.SocketName> address() {
      return Optional.of(new IncomingOpener.SocketName.Unix("here"));
    }

    @Override
    public void close() {}
  }
}
