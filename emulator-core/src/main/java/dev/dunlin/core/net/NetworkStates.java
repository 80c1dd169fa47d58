package dev.dunlin.core.net;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.ModuleState;
import dev.dunlin.core.ModuleStateException;
import dev.dunlin.core.net.NetClient.Kind;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * What the networks of an emulator take along when its machine is saved: the backends' own states,
 * each under its name. Most have none.
 *
 * <pre>
 *   be16 how many, then for each:
 *     u8 length, the backend's name; u8 length, its type; be32 length, its state
 * </pre>
 *
 * <p>Backends that the user gave no name ({@code #net042}, the number at random) are told apart by
 * their order.
 */
final class NetworkStates implements ModuleState {
  private static final String NAME = "dunlin-networks";
  private static final int VERSION = 1;
  private static final int MOST_BACKENDS = 1024;
  private static final int PATIENCE_SECONDS = 10;

  private final Network network;

  NetworkStates(Network network) {
    this.network = network;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int version() {
    return VERSION;
  }

  /** One backend's state and whose it is. */
  private record Saved(String name, String type, byte[] state) {
    int length() {
      return 6 + utf8(name).length + utf8(type).length + state.length;
    }
  }

  // ---- save ----

  @Override
  public Optional<byte[]> save() {
    List<Saved> all = new ArrayList<>();
    for (Owner owner : owners()) {
      owner
          .await(owner.backend.saveState())
          .ifPresent(state -> all.add(new Saved(owner.name, owner.type, state)));
    }
    return all.isEmpty() ? Optional.empty() : Optional.of(encode(all));
  }

  private static byte[] encode(List<Saved> all) {
    int length = 2 + all.stream().mapToInt(Saved::length).sum();
    ByteBuffer out = ByteBuffer.allocate(length).putShort((short) all.size());
    for (Saved each : all) {
      putText(out, each.name);
      putText(out, each.type);
      out.putInt(each.state.length).put(each.state);
    }
    return out.array();
  }

  private static void putText(ByteBuffer out, String text) {
    byte[] bytes = utf8(text);
    out.put((byte) bytes.length).put(bytes);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  // ---- load ----

  @Override
  public Runnable load(byte[] state, int version) throws ModuleStateException {
    List<Owner> owners = owners();
    List<Runnable> steps = new ArrayList<>();
    Set<Owner> taken = new HashSet<>();
    for (Saved each : decode(ByteBuffer.wrap(state))) {
      Owner owner = ownerOf(each, owners);
      if (!taken.add(owner)) {
        throw new ModuleStateException("netdev '" + each.name + "' is there twice");
      }
      Supplier<CompletionStage<Void>> step = owner.backend.loadState(each.state);
      steps.add(() -> owner.await(step.get()));
    }
    return () -> steps.forEach(Runnable::run);
  }

  private static List<Saved> decode(ByteBuffer in) throws ModuleStateException {
    try {
      int count = in.getShort() & 0xffff;
      if (count > MOST_BACKENDS) {
        throw new ModuleStateException(count + " netdevs are more than any machine has");
      }
      List<Saved> all = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        String name = text(in);
        String type = text(in);
        all.add(new Saved(name, type, bytes(in, in.getInt())));
      }
      if (in.hasRemaining()) {
        throw new ModuleStateException(in.remaining() + " bytes too many");
      }
      return all;
    } catch (BufferUnderflowException e) {
      throw new ModuleStateException("it ends too early");
    }
  }

  private static String text(ByteBuffer in) throws ModuleStateException {
    return new String(bytes(in, in.get() & 0xff), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(ByteBuffer in, int length) throws ModuleStateException {
    if (length < 0 || length > in.remaining()) {
      throw new ModuleStateException(
          Integer.toUnsignedString(length)
              + " bytes are announced, "
              + in.remaining()
              + " are there");
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  private static Owner ownerOf(Saved saved, List<Owner> owners) throws ModuleStateException {
    for (Owner owner : owners) {
      if (owner.name.equals(saved.name) && owner.type.equals(saved.type)) {
        return owner;
      }
    }
    throw new ModuleStateException("there is no netdev '" + saved.name + "' of type " + saved.type);
  }

  // ---- whose ----

  /** A backend with a thread, under the name that it has in a saved state. */
  private record Owner(String name, String type, NetBackend backend, NetThread thread) {
    /** A thread that has ended meanwhile answers nothing: the wait has an end. */
    <T> T await(CompletionStage<T> stage) {
      if (!thread.isThreaded()) {
        return thread.await(stage);
      }
      try {
        return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while netdev '" + name + "' was asked", e);
      } catch (ExecutionException | TimeoutException e) {
        throw new IllegalStateException("netdev '" + name + "' doesn't tell its state", e);
      }
    }
  }

  private List<Owner> owners() {
    ImmutableList.Builder<Owner> owners = ImmutableList.builder();
    int unnamed = 0;
    for (NetClient client : network.placed()) {
      if (client.kind() instanceof Kind.Backend backend && client.thread().isPresent()) {
        String name = client.name().startsWith("#") ? "#" + unnamed++ : client.name();
        owners.add(new Owner(name, backend.type(), backend.backend(), client.thread().get()));
      }
    }
    return owners.build();
  }
}
