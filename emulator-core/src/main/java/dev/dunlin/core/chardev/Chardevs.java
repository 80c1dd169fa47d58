package dev.dunlin.core.chardev;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Ints;
import dev.dunlin.core.chardev.ChardevSpec.Passed;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.posix.Errno;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.FdStore;
import dev.dunlin.core.posix.OpenFile;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.PseudoTerminal;
import dev.dunlin.core.posix.StreamSocket;
import dev.dunlin.core.posix.Terminal;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.logging.log4j.LogManager;

/** The character devices of one emulator by id. Loop thread. */
public final class Chardevs implements AutoCloseable {
  private final MainLoop loop;
  private final FdStore fds;
  private final Map<String, Chardev> devices = new LinkedHashMap<>();
  private final Set<Integer> ports = ConcurrentHashMap.newKeySet();
  private Consumer<String> notices = text -> LogManager.getLogger(Chardevs.class).info(text);

  /**
   * @param fds where {@code fd=NAME} finds what {@code getfd} received
   */
  public Chardevs(MainLoop loop, FdStore fds) {
    this.loop = loop;
    this.fds = fds;
  }

  /** Who hears what a user must know of a device, such as a terminal's name; else the log does. */
  public void tellNotices(Consumer<String> hearer) {
    notices = hearer;
  }

  /** Tells the user of a device; on the loop thread, as everything here. */
  public void notice(String text) {
    notices.accept(text);
  }

  /**
   * Opens a device of the command line, where {@code fd=} is a number; what the host refuses is
   * told in QEMU's words.
   */
  public Chardev add(String id, ChardevSpec spec) throws OptionException {
    return add(id, spec, Chardevs::numberedFd);
  }

  /** Opens a device for a monitor's user, whose {@code fd=} is a name that getfd gave. */
  public Chardev addByMonitor(String id, ChardevSpec spec) throws OptionException {
    return add(id, spec, this::namedFd);
  }

  private Chardev add(String id, ChardevSpec spec, FdFinder fdFinder) throws OptionException {
    if (devices.containsKey(id)) {
      throw new OptionException("Chardev with id '" + id + "' already exists");
    }
    Chardev device = open(id, spec, fdFinder);
    devices.put(id, device);
    updatePorts();
    return device;
  }

  public Optional<Chardev> find(String id) {
    return Optional.ofNullable(devices.get(id));
  }

  /** In the order in which they were added. */
  public ImmutableList<Chardev> all() {
    return ImmutableList.copyOf(devices.values());
  }

  /** Closes and forgets one that nobody uses. */
  public void remove(String id) throws OptionException {
    Chardev device = devices.get(id);
    if (device == null) {
      throw new OptionException("Chardev '" + id + "' not found");
    }
    if (device.isBusy()) {
      throw new OptionException("Chardev '" + id + "' is busy");
    }
    devices.remove(id);
    device.close();
    updatePorts();
  }

  /** Closes and forgets a device whose frontend is gone; one that was removed already is fine. */
  public void discard(Chardev device) {
    if (devices.remove(device.id(), device)) {
      device.close();
      updatePorts();
    }
  }

  /** Whether a device, such as a monitor, listens on this TCP port of the host. Any thread. */
  public boolean listensOn(int port) {
    return ports.contains(port);
  }

  private void updatePorts() {
    Set<Integer> open = new HashSet<>();
    devices.values().forEach(device -> device.listeningPort().ifPresent(open::add));
    ports.addAll(open);
    ports.retainAll(open);
  }

  @Override
  public void close() {
    devices.values().forEach(Chardev::close);
    devices.clear();
    updatePorts();
  }

  private Chardev open(String id, ChardevSpec spec, FdFinder fdFinder) throws OptionException {
    if (spec instanceof ChardevSpec.Stdio stdio) {
      return openStdio(id, stdio);
    }
    if (spec instanceof ChardevSpec.File file) {
      return new FileChardev(id, loop, opened(file.path(), () -> file(file)));
    }
    if (spec instanceof ChardevSpec.Pipe pipe) {
      return new PipeChardev(id, loop, opened(pipe.path(), () -> pipe(pipe.path())));
    }
    if (spec instanceof ChardevSpec.Serial serial) {
      return new SerialChardev(id, loop, opened(serial.path(), () -> serial(serial.path())));
    }
    if (spec instanceof ChardevSpec.Pty) {
      return openPty(id);
    }
    if (spec instanceof ChardevSpec.Ringbuf ringbuf) {
      return new RingbufChardev(id, ringbuf.size());
    }
    if (spec instanceof ChardevSpec.Socket socket) {
      return openSocket(id, socket, fdFinder);
    }
    return new NullChardev(id);
  }

  private Chardev openPty(String id) throws OptionException {
    try {
      PtyChardev pty = new PtyChardev(id, loop, PseudoTerminal.open());
      String name = pty.filename().substring("pty:".length());
      notices.accept("char device redirected to " + name + " (label " + id + ")");
      return pty;
    } catch (PosixException e) {
      throw new OptionException("Failed to create PTY: " + e.errorText());
    }
  }

  private Chardev openStdio(String id, ChardevSpec.Stdio stdio) throws OptionException {
    if (devices.values().stream().anyMatch(StdioChardev.class::isInstance)) {
      throw new OptionException("cannot use stdio by multiple character devices");
    }
    try {
      return new StdioChardev(id, loop, stdio.signals());
    } catch (PosixException e) {
      throw new OptionException("cannot use stdio: " + e.getMessage());
    }
  }

  private Chardev openSocket(String id, ChardevSpec.Socket spec, FdFinder fdFinder)
      throws OptionException {
    if (spec.server()) {
      Listener listener =
          spec.address() instanceof Passed passed
              ? Listener.adopt(passedSocket(passed, fdFinder))
              : Listener.open(spec.address());
      return new SocketChardev(
          id, loop, spec, taker -> new ServerLink(loop, listener, taker::take));
    }
    StreamSocket first =
        spec.address() instanceof Passed passed
            ? passedSocket(passed, fdFinder)
            : spec.reconnect().isZero() ? Connector.connect(spec.address()) : null;
    return new SocketChardev(
        id,
        loop,
        spec,
        taker -> new ClientLink(loop, spec.address(), spec.reconnect(), first, taker));
  }

  private static StreamSocket passedSocket(Passed passed, FdFinder finder) throws OptionException {
    int number = finder.find(passed.name());
    if (!StreamSocket.isStreamSocket(number)) {
      throw new OptionException("File descriptor '" + passed.name() + "' is not a socket");
    }
    try {
      return StreamSocket.adopt(Fd.owning(number));
    } catch (PosixException e) {
      throw new OptionException("File descriptor '" + passed.name() + "': " + e.errorText());
    }
  }

  private int namedFd(String name) throws OptionException {
    return fds.take(name)
        .orElseThrow(
            () -> new OptionException("File descriptor named '" + name + "' has not been found"));
  }

  private static int numberedFd(String text) throws OptionException {
    Integer number = Ints.tryParse(text);
    if (number == null || number < 0) {
      throw new OptionException("Unable to parse FD number " + text);
    }
    return number;
  }

  private static Fd file(ChardevSpec.File file) throws PosixException {
    return OpenFile.forWriting(file.path(), file.append());
  }

  /** {@code PATH.in} to read and {@code PATH.out} to write, or PATH for both (char-pipe.c). */
  private static FdPort pipe(String path) throws PosixException {
    Fd in;
    try {
      in = OpenFile.forBoth(path + ".in");
    } catch (PosixException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
      Fd both = OpenFile.forBoth(path);
      return new FdPort(both, both);
    }
    try {
      return new FdPort(in, OpenFile.forBoth(path + ".out"));
    } catch (PosixException e) {
      in.close();
      throw e;
    }
  }

  private static FdPort serial(String path) throws PosixException {
    Fd line = OpenFile.forBoth(path);
    try {
      Optional<Terminal> terminal = Terminal.on(line.number());
      if (terminal.isPresent()) {
        terminal.get().setSerialModes();
      }
      return new FdPort(line, line);
    } catch (PosixException e) {
      line.close();
      throw e;
    }
  }

  private static <T> T opened(String path, Opening<T> opening) throws OptionException {
    try {
      return opening.open();
    } catch (PosixException e) {
      throw new OptionException("Could not open '" + path + "': " + e.errorText());
    }
  }

  private interface FdFinder {
    int find(String name) throws OptionException;
  }

  private interface Opening<T> {
    T open() throws PosixException;
  }
}
