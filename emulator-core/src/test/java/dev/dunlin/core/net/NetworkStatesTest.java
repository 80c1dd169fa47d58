package dev.dunlin.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dunlin.core.ModuleStateException;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.testing.NoLeaks;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The states of an emulator's networks under their names, whatever a stream says of them. */
@NoLeaks
final class NetworkStatesTest {
  private final Network network = new Network(new Random(1));
  private final NetworkStates states = new NetworkStates(network);
  private final List<String> log = new ArrayList<>();
  private final List<NetThread> threads = new ArrayList<>();

  @AfterEach
  void stop() {
    threads.forEach(thread -> thread.stop().toCompletableFuture().join());
  }

  private void add(String name, String state) throws Exception {
    NetThread thread = NetThread.start("states", Clock.system());
    threads.add(thread);
    network.addBackend(name, "fake", new Backend(name, state), true).setThread(thread);
  }

  /** One whose state is a text; it refuses "bad". */
  private final class Backend extends FakeBackend {
    private final String name;
    private final String state;

    Backend(String name, String state) {
      this.name = name;
      this.state = state;
    }

    @Override
    public CompletionStage<Optional<byte[]>> saveState() {
      return CompletableFuture.completedFuture(
          state.isEmpty() ? Optional.empty() : Optional.of(state.getBytes()));
    }

    @Override
    public Supplier<CompletionStage<Void>> loadState(byte[] saved) throws ModuleStateException {
      String text = new String(saved);
      if (text.equals("bad")) {
        throw new ModuleStateException("no thanks");
      }
      return () -> {
        log.add(name + " becomes " + text);
        return CompletableFuture.completedFuture(null);
      };
    }
  }

  private String refusal(byte[] bytes) {
    String said =
        String.valueOf(
            assertThrows(ModuleStateException.class, () -> states.load(bytes, 1)).getMessage());
    assertEquals(List.of(), log, "nothing has changed");
    return said;
  }

  @Test
  void each_backend_gets_its_own_back_under_its_name_and_the_unnamed_by_their_order()
      throws Exception {
    add("u", "one");
    add("quiet", "");
    add("#net042", "two");
    add("#net199", "three");
    byte[] saved = states.save().orElseThrow();
    // The same machine again: what has no name has another one now.
    network.clients().forEach(network::forget);
    add("#net007", "-");
    add("u", "-");
    add("#net123", "-");
    states.load(saved, 1).run();
    assertEquals(List.of("u becomes one", "#net007 becomes two", "#net123 becomes three"), log);
  }

  @Test
  void without_any_state_there_is_nothing_to_save() throws Exception {
    assertEquals(Optional.empty(), states.save());
    add("u", "");
    assertEquals(Optional.empty(), states.save());
  }

  @Test
  void what_does_not_fit_the_machine_is_refused_and_changes_nothing() throws Exception {
    add("u", "one");
    add("v", "bad");
    byte[] bad = states.save().orElseThrow();
    assertEquals("no thanks", refusal(bad));
    network.clients().forEach(network::forget);
    add("w", "");
    assertEquals("there is no netdev 'u' of type fake", refusal(bad));
  }

  @Test
  void counts_and_lengths_that_lie_are_refused() throws Exception {
    add("u", "one");
    byte[] good = states.save().orElseThrow();
    for (int length = 0; length < good.length; length++) {
      refusal(Arrays.copyOf(good, length));
    }
    assertEquals("1 bytes too many", refusal(Arrays.copyOf(good, good.length + 1)));
    int at = good.length - 3 - 4;
    for (int length : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 4}) {
      assertEquals(
          Integer.toUnsignedString(length) + " bytes are announced, 3 are there",
          refusal(ByteBuffer.wrap(good.clone()).putInt(at, length).array()));
    }
    assertEquals(
        "65535 netdevs are more than any machine has",
        refusal(ByteBuffer.wrap(good.clone()).putShort(0, (short) -1).array()));
    byte[] twice = Arrays.copyOf(good, 2 * good.length - 2);
    System.arraycopy(good, 2, twice, good.length, good.length - 2);
    twice[1] = 2;
    assertEquals("netdev 'u' is there twice", refusal(twice));
  }
}
