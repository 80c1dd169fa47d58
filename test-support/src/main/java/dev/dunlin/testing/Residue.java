package dev.dunlin.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What this JVM holds at one moment, without what the JVM itself opens when it likes. */
record Residue(
    Map<Integer, String> descriptors,
    Set<Thread> threads,
    Set<ProcFs.Process> children,
    Set<String> temporary) {

  private static final Pattern JVM_OWN_FILE =
      Pattern.compile(".*\\.jar|.*/modules|.*\\.jsa|/dev/u?random|/proc/.*|/sys/.*");

  /**
   * Threads that the JVM, java.lang.Process (its reaper lingers for a minute) or the test runner
   * start.
   */
  private static final Pattern JVM_OWN_THREAD =
      Pattern.compile(
          "process reaper.*|Common-Cleaner|Cleaner-\\d+|Attach Listener|Signal Dispatcher"
              + "|Reference Handler|Finalizer|Notification Thread|ForkJoinPool.*|surefire.*"
              + "|junit-.*|ping-.*|Read-Poller|Write-Poller|VirtualThread-unparker");

  /** {@link TempDirs} names a directory by the test run that made it. */
  private static final Pattern TEST_RUN = Pattern.compile("dunlin-(\\d+)-");

  private static final Pattern NUMBER = Pattern.compile("\\d+");

  static {
    openWhatTheJvmKeeps();
  }

  /** Closing its first channel, NIO makes a socket that it dup2s over closed ones ever after. */
  private static void openWhatTheJvmKeeps() {
    try (SocketChannel socket = SocketChannel.open();
        FileChannel file = FileChannel.open(Path.of("/dev/null"))) {
      socket.configureBlocking(false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try {
      Pipe pipe = Pipe.open();
      pipe.source().close();
      pipe.sink().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Residue now() {
    long self = ProcessHandle.current().pid();
    return new Residue(
        ProcFs.descriptors(self),
        Thread.getAllStackTraces().keySet(),
        new HashSet<>(ProcFs.children(self)),
        temporaryOf(self));
  }

  List<String> since(Residue before) {
    List<String> left = new ArrayList<>();
    addDescriptors(before, left);
    threads.stream()
        .filter(thread -> thread.isAlive() && !before.threads.contains(thread))
        .filter(thread -> !JVM_OWN_THREAD.matcher(thread.getName()).matches())
        .forEach(thread -> left.add("thread " + thread.getName()));
    Set<Long> known =
        before.children.stream()
            .filter(child -> !child.isZombie())
            .map(ProcFs.Process::pid)
            .collect(Collectors.toSet());
    children.stream()
        .filter(child -> !before.children.contains(child))
        .filter(child -> child.isZombie() || !known.contains(child.pid()))
        .forEach(child -> left.add("child " + child));
    temporary.stream()
        .filter(name -> !before.temporary.contains(name))
        .forEach(name -> left.add("temporary " + name));
    return left;
  }

  /** By target and count: a number may be closed and used again for the same thing. */
  private void addDescriptors(Residue before, List<String> left) {
    List<String> unmatched =
        before.descriptors.values().stream()
            .map(Residue::anonymous)
            .collect(Collectors.toCollection(ArrayList::new));
    descriptors.forEach(
        (fd, target) -> {
          if (!JVM_OWN_FILE.matcher(target).matches() && !unmatched.remove(anonymous(target))) {
            left.add("descriptor " + fd + " -> " + target);
          }
        });
  }

  /** Two sockets or pipes differ in their inode only, which isn't worth telling apart. */
  private static String anonymous(String target) {
    return target.replaceAll(":\\[\\d+]$", "");
  }

  private static Set<String> temporaryOf(long self) {
    String[] names = new File(System.getProperty("java.io.tmpdir", "/tmp")).list();
    return Arrays.stream(names == null ? new String[0] : names)
        .filter(name -> name.startsWith("dunlin") || name.startsWith("qemu-smb"))
        .filter(name -> !ofAnotherProcess(name, self))
        .collect(Collectors.toSet());
  }

  /** Other runs on the same machine name their directories by their own PIDs. */
  private static boolean ofAnotherProcess(String name, long self) {
    // A test run that was killed leaves its own directory at a moment that has nothing to do with
    // us.
    Matcher run = TEST_RUN.matcher(name);
    if (run.lookingAt()) {
      return !run.group(1).equals(Long.toString(self));
    }
    Matcher number = NUMBER.matcher(name);
    while (number.find()) {
      if (!number.group().equals(Long.toString(self))
          && Files.exists(Path.of("/proc", number.group()))) {
        return true;
      }
    }
    return false;
  }
}
