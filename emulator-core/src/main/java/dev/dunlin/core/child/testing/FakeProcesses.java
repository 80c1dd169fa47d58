package dev.dunlin.core.child.testing;

import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.child.ProcessSource;
import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.loop.testing.ManualLoop;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SpawnRequest;
import dev.dunlin.core.posix.WaitStatus;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Children that live and die by a test's word, on a {@link ManualLoop}. Descriptors are numbers
 * from 1,000 on that exist only in its poller. One thread.
 */
public final class FakeProcesses implements ProcessSource {
  private static final int FIRST_PID = 100;
  private static final int FIRST_FD = 1000;

  private final ManualLoop loop;
  private final List<FakeProcess> all = new ArrayList<>();
  private Optional<Integer> nextPid = Optional.empty();
  private Optional<WaitStatus> nextEndsWith = Optional.empty();
  private Optional<Integer> nextErrno = Optional.empty();

  public FakeProcesses(ManualLoop loop) {
    this.loop = loop;
  }

  @Override
  public void leave(Handle process) {
    process.close();
  }

  /** The next child gets this PID, as if the kernel had come round to it again. */
  public void nextPid(int pid) {
    nextPid = Optional.of(pid);
  }

  /** The next child has ended before its starter gets hold of it. */
  public void nextEndsAtOnce(WaitStatus status) {
    nextEndsWith = Optional.of(status);
  }

  /** The next start fails with this errno. */
  public void nextFails(int errno) {
    nextErrno = Optional.of(errno);
  }

  /** Every child so far, in order. */
  public List<FakeProcess> all() {
    return List.copyOf(all);
  }

  /** The youngest. */
  public FakeProcess last() {
    return all.get(all.size() - 1);
  }

  @Override
  public Handle spawn(SpawnRequest request, ImmutableMap<String, String> marks)
      throws PosixException {
    if (nextErrno.isPresent()) {
      int errno = nextErrno.get();
      nextErrno = Optional.empty();
      throw new PosixException("posix_spawnp", '"' + request.argv().get(0) + '"', errno);
    }
    int number = all.size();
    FakeProcess process =
        new FakeProcess(nextPid.orElse(FIRST_PID + number), FIRST_FD + number, request, marks);
    nextPid = Optional.empty();
    all.add(process);
    nextEndsWith.ifPresent(process::end);
    nextEndsWith = Optional.empty();
    return process;
  }

  /** One child. */
  public final class FakeProcess implements Handle {
    private final int pid;
    private final int fd;
    private final Optional<Fd> stdin;
    private final SpawnRequest request;
    private final ImmutableMap<String, String> marks;
    private final List<Integer> signals = new ArrayList<>();
    private Optional<WaitStatus> status = Optional.empty();
    private int spuriousWakeups;
    private int collections;
    private boolean closed;

    private FakeProcess(int pid, int fd, SpawnRequest request, ImmutableMap<String, String> marks)
        throws PosixException {
      // A real child inherits its stdin: a pipe to it stays whole when its starter closes his end.
      this.stdin =
          request.stdin() > 2
              ? Optional.of(Fd.borrowing(request.stdin()).duplicate())
              : Optional.empty();
      this.pid = pid;
      this.fd = fd;
      this.request = request;
      this.marks = marks;
    }

    /** Ends it; its descriptor is readable from now on. */
    public void end(WaitStatus how) {
      status = Optional.of(how);
      stdin.ifPresent(Fd::close);
      loop.poller().setReady(fd, FdEvents.READ);
    }

    /** Ends it, and a stranger takes the status. */
    public void endAndSteal() {
      end(new WaitStatus.Stolen("pid " + pid + ": somebody else in this process waited for it"));
    }

    /** Its descriptor says readable although it lives. */
    public void wakeSpuriously() {
      spuriousWakeups++;
      loop.poller().setReady(fd, FdEvents.READ);
    }

    public SpawnRequest request() {
      return request;
    }

    public ImmutableMap<String, String> marks() {
      return marks;
    }

    /** What has come to its stdin, a pipe, since the last call; at most 64 KiB. */
    public String readStdin() throws PosixException {
      Fd pipe = stdin.orElseThrow();
      ByteBuffer text = ByteBuffer.allocate(pipe.available());
      pipe.read(text);
      return StandardCharsets.UTF_8.decode(text.flip()).toString();
    }

    /** Signals sent to it, in order. */
    public List<Integer> signals() {
      return List.copyOf(signals);
    }

    /** How often its status was taken: never more than once. */
    public int collections() {
      return collections;
    }

    public boolean isClosed() {
      return closed;
    }

    @Override
    public int pid() {
      return pid;
    }

    @Override
    public int readinessFd() {
      return fd;
    }

    /** Lets the time pass on the manual clock. */
    @Override
    public boolean awaitEnd(long timeoutNanos) {
      if (status.isEmpty()) {
        if (timeoutNanos < 0) {
          throw new IllegalStateException("pid " + pid + " would be waited for for ever");
        }
        loop.clock().advanceNanos(timeoutNanos);
      }
      return status.isPresent();
    }

    @Override
    public WaitStatus collect() {
      if (spuriousWakeups > 0) {
        spuriousWakeups--;
        loop.poller().setReady(fd, FdEvents.NONE);
        return WaitStatus.RUNNING;
      }
      if (status.isPresent()) {
        collections++;
        return collections == 1 ? status.get() : new WaitStatus.Stolen("collected twice");
      }
      return WaitStatus.RUNNING;
    }

    @Override
    public boolean signal(int signal) {
      if (status.isPresent()) {
        return false;
      }
      signals.add(signal);
      return true;
    }

    @Override
    public void close() {
      closed = true;
      stdin.ifPresent(Fd::close);
    }
  }
}
