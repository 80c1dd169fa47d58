package dev.dunlin.slirp.host;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.posix.StreamSocket;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/** Starts children whose standard input and output are a connection of a guest's. */
public interface ChildStarter {

  /** Begins to start one; {@code outcome} hears through {@code network}. Any thread. */
  void start(ChildPlan plan, GuestFlow flow, Executor network, Outcome outcome);

  /**
   * One that serves nobody and runs beside the others, which need what it does. It is started when
   * one of them is about to be. Emulator's loop.
   *
   * @param isUp whether it has come so far that others can start
   */
  Companion companion(ChildPlan plan, BooleanSupplier isUp);

  /**
   * Children of this network: those that run, oldest first, and the last that ended badly.
   * Emulator's loop.
   */
  ImmutableList<HelperRecord> helpers(String network);

  /** Forgets how children of a network that is gone ended. Emulator's loop. */
  void forget(String network);

  /** On the network's thread: one of the first two, and {@code ended} after the first. */
  interface Outcome {
    /** The child runs; the other end of its connection is the receiver's. */
    void started(StreamSocket connection);

    /** There is no child; the log says why. */
    void failed();

    /** It was collected. */
    void ended(boolean orderly);
  }

  /** Emulator's loop. */
  interface Companion extends AutoCloseable {
    /** Runs {@code then} when it is up; or when there is no hope of that. */
    void whenUp(Runnable then);

    /** Lets it end. */
    @Override
    void close();
  }
}
