package dev.dunlin.slirp;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.Emulator;
import dev.dunlin.core.chardev.Chardevs;
import dev.dunlin.core.cli.CoreOptions;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.OptionSpec;
import dev.dunlin.core.cli.OptionTable;
import dev.dunlin.core.cli.ParsedOptions;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.loop.testing.LoopThread;
import dev.dunlin.core.monitor.HmpCommand;
import dev.dunlin.core.monitor.MonitorCore;
import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.core.monitor.QmpCall;
import dev.dunlin.core.monitor.QmpCommand;
import dev.dunlin.core.monitor.hmp.HmpConsole;
import dev.dunlin.core.monitor.hmp.HmpInterpreter;
import dev.dunlin.core.net.NetworkModule;
import dev.dunlin.core.posix.FdStore;
import dev.dunlin.core.run.RunEvents;
import dev.dunlin.core.run.VmRunControl;
import dev.dunlin.slirp.smb.SambaProvider;
import dev.dunlin.slirp.smb.SmbProvider;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.mockito.Mockito;

/** The network modules of a command line, started on a real loop, and a human at the monitor. */
final class MonitoredNetworks implements AutoCloseable {
  private final LoopThread thread;
  private final MonitorCore monitor;
  private final HmpInterpreter interpreter;
  private final Chardevs chardevs;
  private final UserNetModule users;
  private final NetworkModule networks;

  MonitoredNetworks(String line) throws Exception {
    this(line, new SambaProvider(Optional::empty, Path.of("/tmp")));
  }

  MonitoredNetworks(String line, SmbProvider provider) throws Exception {
    users = new UserNetModule(Clock.system(), provider);
    networks = new NetworkModule(users.netBackends());
    ImmutableList<OptionSpec> specs =
        ImmutableList.<OptionSpec>builder()
            .addAll(CoreOptions.specs())
            .addAll(users.options())
            .build();
    ParsedOptions options = OptionTable.of(specs).parse(Arrays.asList(line.split(" ")));
    users.configure(options);
    networks.configure(options);
    thread = LoopThread.start();
    monitor = new MonitorCore(thread.loop());
    chardevs = new Chardevs(thread.loop(), new FdStore());
    interpreter = new HmpInterpreter(monitor, thread.loop());
    monitor.addHmp(new HmpCommand("info", "item:s?", "[subcommand]", "show", call -> {}));
    try {
      thread.call(this::startModules);
    } catch (IllegalStateException e) {
      thread.close();
      throw e;
    }
  }

  private boolean startModules() throws OptionException {
    Emulator emulator = Mockito.mock(Emulator.class);
    Mockito.when(emulator.loop()).thenReturn(thread.loop());
    Mockito.when(emulator.monitor()).thenReturn(monitor);
    Mockito.when(emulator.chardevs()).thenReturn(chardevs);
    Mockito.when(emulator.run()).thenReturn(new VmRunControl(thread.loop(), new RunEvents() {}));
    Mockito.when(emulator.cards()).thenReturn(ImmutableList.of());
    users.start(emulator);
    networks.start(emulator);
    return true;
  }

  /** Types a line and waits for the prompt; returns what was printed. */
  String type(String line) throws Exception {
    StringBuilder printed = new StringBuilder();
    CompletableFuture<String> prompt = new CompletableFuture<>();
    thread.call(
        () -> {
          interpreter.execute(
              line, new Console(printed), () -> prompt.complete(printed.toString()));
          return true;
        });
    return prompt.get(20, TimeUnit.SECONDS);
  }

  /** Sends a machine command; the answer, or the error's sentence after its class. */
  Object execute(String name, Map<String, Object> arguments) throws Exception {
    CompletableFuture<Object> answer = new CompletableFuture<>();
    thread.call(
        () -> {
          QmpCommand command = monitor.qmp(name).orElseThrow();
          try {
            Object now = command.handler().run(new Call(arguments, answer));
            if (!(now instanceof QmpCall.Deferred)) {
              answer.complete(now);
            }
          } catch (MonitorException e) {
            answer.complete(e.errorClass() + ": " + e.getMessage());
          }
          return true;
        });
    return answer.get(20, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws Exception {
    thread.call(
        () -> {
          networks.stop();
          users.stop();
          chardevs.close();
          return true;
        });
    thread.close();
  }

  private record Console(StringBuilder printed) implements HmpConsole {
    @Override
    public void print(String text) {
      printed.append(text);
    }

    @Override
    public void whenWritable(Runnable action) {
      action.run();
    }

    @Override
    public boolean isInteractive() {
      return false;
    }

    @Override
    public void onDisconnect(Runnable action) {}

    @Override
    public ImmutableList<String> history() {
      return ImmutableList.of();
    }

    @Override
    public OptionalInt takeReceivedFd() {
      return OptionalInt.empty();
    }
  }

  private record Call(Map<String, Object> arguments, CompletableFuture<Object> answer)
      implements QmpCall {

    private <T> Optional<T> get(String key, Class<T> type) {
      return Optional.ofNullable(arguments.get(key)).map(type::cast);
    }

    @Override
    public Optional<String> string(String key) {
      return get(key, String.class);
    }

    @Override
    public Optional<Long> integer(String key) {
      return get(key, Long.class);
    }

    @Override
    public Optional<Double> number(String key) {
      return get(key, Double.class);
    }

    @Override
    public Optional<Boolean> bool(String key) {
      return get(key, Boolean.class);
    }

    @Override
    @SuppressWarnings("unchecked")
    public Optional<List<Object>> list(String key) {
      return get(key, List.class).map(list -> (List<Object>) list);
    }

    @Override
    @SuppressWarnings("unchecked")
    public Optional<Map<String, Object>> object(String key) {
      return get(key, Map.class).map(map -> (Map<String, Object>) map);
    }

    @Override
    public OptionalInt takeReceivedFd() {
      return OptionalInt.empty();
    }

    @Override
    public Deferred defer() {
      return new Deferred() {
        @Override
        public void complete(Object value) {
          answer.complete(value);
        }

        @Override
        public void fail(MonitorException error) {
          answer.complete(error.errorClass() + ": " + error.getMessage());
        }
      };
    }
  }
}
