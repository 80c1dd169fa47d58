package dev.dunlin.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * A real Linux in a real QEMU without hardware help, which runs shell commands. They go over its
 * second serial port, one line each way per command (see {@code scripts/guest/probe}), so that what
 * the kernel says on the console never mixes with what a command says. Closing it kills QEMU.
 */
public final class GuestVm implements AutoCloseable {
  /** An emulated CPU on a busy machine. */
  private static final Duration BOOT_LIMIT = Duration.ofMinutes(2);

  /** Starting perl alone can take two seconds there. */
  private static final Duration COMMAND_LIMIT = Duration.ofSeconds(20);

  /** The guest ends what takes too long; only a dead guest needs this much more. */
  private static final Duration GRACE = Duration.ofSeconds(30);

  private final Path directory;
  private final ChildProcess process;
  private final UnixConnection connection;
  private final BufferedReader answers;
  private int commands;

  private GuestVm(Path directory, ChildProcess process, UnixConnection connection) {
    this.directory = directory;
    this.process = process;
    this.connection = connection;
    answers =
        new BufferedReader(
            new InputStreamReader(connection.input(), StandardCharsets.ISO_8859_1), 1 << 16);
  }

  /** How a command in the guest ended, and all that it said. */
  public record Outcome(int status, String output) {
    /** What it said, when it ended well. */
    public String text() {
      if (status != 0) {
        String why = status == 143 ? "took too long" : "ended with " + status;
        throw new AssertionError("The guest's command " + why + ": " + output);
      }
      return output.strip();
    }
  }

  /** Boots it with these arguments, which bring its network card. */
  public static GuestVm boot(List<String> arguments) {
    GuestVm guest = start(arguments);
    try {
      guest.awaitBoot();
      return guest;
    } catch (RuntimeException | Error e) {
      guest.close();
      throw e;
    }
  }

  /**
   * A QEMU with the arguments of another one's {@link #boot}, which waits for the other's guest to
   * come there ({@code -incoming}).
   */
  public static GuestVm awaiting(String incoming, List<String> arguments) {
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of("-incoming", incoming));
    return start(all);
  }

  private static GuestVm start(List<String> arguments) {
    Path directory = TempDirs.create("guest");
    Path socket = directory.resolve("commands");
    List<String> command = new ArrayList<>();
    command.add(Peer.path("qemu-system-x86_64"));
    // Everything that the CPU model has: without a random number instruction the guest waits for
    // entropy.
    command.addAll(List.of("-accel", "tcg", "-cpu", "max", "-m", "384", "-nodefaults"));
    command.addAll(List.of("-display", "none", "-no-reboot", "-no-user-config"));
    command.addAll(List.of("-kernel", GuestImage.kernel().toString()));
    command.addAll(List.of("-initrd", GuestImage.initramfs().toString()));
    command.addAll(List.of("-append", "console=ttyS0 quiet panic=-1 mitigations=off nokaslr"));
    command.addAll(List.of("-chardev", "stdio,id=console,signal=off", "-serial"));
    command.addAll(List.of("chardev:console", "-chardev"));
    command.addAll(List.of("socket,id=c,server=on,wait=off,path=" + socket));
    command.addAll(List.of("-serial", "chardev:c"));
    command.addAll(List.of("-qmp", "unix:" + directory.resolve("qmp") + ",server=on,wait=off"));
    command.addAll(arguments);
    ChildProcess process = ChildProcess.start("guest", command);
    try {
      process.awaitSocket(socket);
      return new GuestVm(directory, process, UnixConnection.connect(socket));
    } catch (RuntimeException | Error e) {
      process.close();
      TempDirs.delete(directory);
      throw e;
    }
  }

  private void awaitBoot() {
    String word = within(BOOT_LIMIT, "boot", this::line);
    if (!word.equals("ready")) {
      throw new AssertionError("The guest began with: " + word);
    }
  }

  public ChildProcess process() {
    return process;
  }

  /** A machine monitor, connected anew; the caller closes it. */
  public QmpClient qmp() {
    return process.connectQmp(directory.resolve("qmp"));
  }

  /** Runs a shell command in the guest to its end. */
  public Outcome run(String command) {
    return run(command, COMMAND_LIMIT);
  }

  /** As {@link #run(String)}; past the limit the guest ends the command, with status 143. */
  public Outcome run(String command, Duration limit) {
    commands++;
    byte[] utf8 = command.getBytes(StandardCharsets.UTF_8);
    String request =
        "%d %d %s%n".formatted(commands, limit.toSeconds(), HexFormat.of().formatHex(utf8));
    String answer =
        within(
            limit.plus(GRACE),
            command,
            () -> {
              send(request);
              return line();
            });
    String[] words = answer.split(" ", 3);
    if (words.length < 3 || !words[0].equals(Integer.toString(commands))) {
      throw new AssertionError("The guest answered out of turn: " + answer);
    }
    byte[] output = HexFormat.of().parseHex(words[2]);
    return new Outcome(Integer.parseInt(words[1]), new String(output, StandardCharsets.UTF_8));
  }

  private void send(String request) {
    try {
      connection.output().write(request.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String line() {
    try {
      String line = answers.readLine();
      if (line == null) {
        throw new AssertionError("The guest ended. " + words());
      }
      return line;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String within(Duration limit, String what, Supplier<String> work) {
    CompletableFuture<String> answer = CompletableFuture.supplyAsync(work, OwnThread.EACH);
    try {
      return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      process.close();
      throw new AssertionError("Not within " + limit + " in the guest: " + what + ". " + words());
    } catch (ExecutionException e) {
      throw new AssertionError(what, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private String words() {
    return "QEMU said:\n" + process.stderr().text() + "The console:\n" + process.stdout().text();
  }

  @Override
  public void close() {
    process.close();
    connection.close();
    TempDirs.delete(directory);
  }
}
