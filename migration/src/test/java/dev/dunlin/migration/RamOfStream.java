package dev.dunlin.migration;

import dev.dunlin.core.child.ReapedChildren;
import dev.dunlin.core.loop.testing.LoopThread;
import dev.dunlin.core.posix.GuestMemoryFiles;
import dev.dunlin.migration.channel.AbortSignal;
import dev.dunlin.migration.channel.ChannelUri;
import dev.dunlin.migration.channel.IncomingChannel;
import dev.dunlin.migration.channel.IncomingOpener;
import dev.dunlin.migration.channel.IncomingOpener.SocketName;
import dev.dunlin.migration.multifd.MultifdListener;
import dev.dunlin.migration.ram.PageChannels;
import dev.dunlin.migration.ram.RamLoader;
import dev.dunlin.migration.ram.StagedTarget;
import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.SectionType;
import dev.dunlin.migration.stream.StreamInput;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.ram.MappedRam;
import dev.dunlin.ram.PhysicalMap;
import dev.dunlin.ram.RamBlock;
import dev.dunlin.ram.StagedRam;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** Receives the RAM of a stream over multifd and lets its devices pass by. */
final class RamOfStream implements AutoCloseable {
  private final LoopThread loop = LoopThread.start();
  private final ReapedChildren children = new ReapedChildren(loop.loop());
  private final AbortSignal abort = AbortSignal.open();
  private final GuestRam ram;
  private final StagedRam staged;
  private final MultifdListener listener;
  private final CompletableFuture<Integer> end = new CompletableFuture<>();
  private final Thread thread = new Thread(this::receive, "ram of a stream");

  RamOfStream(Map<String, Long> blocks, String uri, MultifdListener.Settings settings)
      throws Exception {
    List<RamBlock> made = new ArrayList<>();
    for (Map.Entry<String, Long> block : blocks.entrySet()) {
      made.add(
          new RamBlock(
              block.getKey(),
              MappedRam.create(GuestMemoryFiles.best(), block.getKey(), block.getValue()),
              false));
    }
    ram = new GuestRam(made, PhysicalMap.EMPTY);
    staged = StagedRam.over(ram, GuestMemoryFiles.best());
    IncomingOpener opener = new IncomingOpener(children, loop.loop(), name -> OptionalInt.empty());
    listener =
        new MultifdListener(
            opener.listen(ChannelUri.parse(uri), abort), () -> Optional.of(settings));
    thread.start();
  }

  static MultifdListener.Settings settings(
      int channels, dev.dunlin.migration.multifd.Compression compression) {
    return new MultifdListener.Settings(channels, compression, new UUID(0, 0));
  }

  String uri() {
    SocketName name = listener.address().orElseThrow();
    return name instanceof SocketName.Inet inet
        ? "tcp:127.0.0.1:" + inet.port()
        : "unix:" + ((SocketName.Unix) name).path();
  }

  /** How many RAM sections there were, once all of the stream has come. */
  int awaitEnd() throws Exception {
    return end.get(60, java.util.concurrent.TimeUnit.SECONDS);
  }

  /** What went wrong, if anything did. */
  String failure() {
    return end.handle((sections, why) -> String.valueOf(why)).getNow("");
  }

  private void receive() {
    StagedTarget target = new StagedTarget(staged);
    try (IncomingChannel channel = listener.accept();
        PageChannels pages = channel.receiveInto(target)) {
      RamLoader loader = new RamLoader(target);
      loader.atSectionEnd(pages);
      int sections = load(new StreamInput(channel), loader);
      ByteBuffer rest = ByteBuffer.allocateDirect(1 << 16);
      while (channel.read(rest.clear()) >= 0) {
        // The devices.
      }
      end.complete(sections);
    } catch (Exception | Error e) {
      end.completeExceptionally(e);
    }
  }

  private static int load(StreamInput in, RamLoader loader) throws LoadException {
    in.getLong();
    in.getByte();
    in.skip(in.getInt());
    for (int sections = 0; ; sections++) {
      int type = in.getByte();
      in.getInt();
      switch (type) {
        case SectionType.START -> {
          in.getCounted();
          in.getLong();
        }
        case SectionType.PART, SectionType.END -> {}
        default -> {
          in.check();
          return sections;
        }
      }
      loader.load(in, loader.version());
      in.getByte();
      in.getInt();
    }
  }

  String sha256(String idstr, long from, long length) throws Exception {
    RamBlock block = staged.ram().block(idstr).orElseThrow();
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    ByteBuffer piece = ByteBuffer.allocate(1 << 20);
    for (long at = from; at < from + length; at += piece.limit()) {
      block.read(at, piece.clear().limit((int) Math.min(piece.capacity(), from + length - at)));
      digest.update(piece.flip());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  @Override
  public void close() throws Exception {
    abort.trigger();
    thread.join();
    listener.close();
    abort.close();
    staged.close();
    ram.close();
    loop.call(
        () -> {
          children.close();
          return true;
        });
    loop.close();
  }
}
