package dev.dunlin.core.net;

import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.ModuleStateException;
import dev.dunlin.core.net.frame.FramePort;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * One network backend, from its checked options to its end.
 *
 * <p>Control (start, stop, what {@code info network} shows) is asked on the emulator's loop; frames
 * run on the {@link NetThread} that it was attached to and nowhere else.
 */
public interface NetBackend {

  /** What {@code info network} shows behind the type: {@code net=10.0.2.0,restrict=off}. */
  String info();

  /** The hub that it is connected to, if any; called whenever that changes. Loop thread. */
  void connectedTo(OptionalInt hub);

  /** The thread on which its frames run. Called once, before {@link #start}, on the loop thread. */
  void attach(NetThread thread);

  /**
   * Frames from the peer into this backend; the port takes the frame and never blocks. Valid from
   * {@link #attach} on, also before the start and after the stop, when it drops. On the NetThread.
   */
  FramePort input();

  /**
   * Where frames that come out of this backend go from now on, and what the receivers can take; a
   * port that drops while nothing is connected or the link is down. On the NetThread.
   */
  void connect(FramePort output, Offload receivers);

  /** What {@link #input} can take beyond plain frames, once started. Any thread. */
  Offload offload();

  /**
   * Where the guest is, and whether it runs: while it stands still nothing of the backend's that
   * waits for it may run out. Told at every change, and as often as not without one. On the
   * NetThread, which may be late to hear it.
   *
   * @param at when it was, by the clock of the thread's loop
   */
  default void guestIs(GuestLife life, long at) {}

  /**
   * What it takes along when the machine is saved, if anything. Asked at a safepoint, on any
   * thread; must not need the emulator's loop for it.
   */
  default CompletionStage<Optional<byte[]>> saveState() {
    return CompletableFuture.completedFuture(Optional.empty());
  }

  /**
   * Checks what another backend of its type saved, and answers with what puts it in place. Changes
   * nothing itself. As {@link #saveState}.
   */
  default Supplier<CompletionStage<Void>> loadState(byte[] state) throws ModuleStateException {
    throw new ModuleStateException("this netdev has no state");
  }

  /** What it dropped so far, by reason, without what is zero. Any thread. */
  default ImmutableMap<String, Long> drops() {
    return ImmutableMap.of();
  }

  /**
   * Opens what it needs; nothing is left open when it fails. Completes on any thread, and must not
   * need the loop thread for it: at start-up the loop waits.
   *
   * @return fails with an OptionException in QEMU's words
   */
  CompletionStage<Void> start();

  /** Closes everything; completes, on any thread, when nothing is left. Never fails. */
  CompletionStage<Void> stop();
}
