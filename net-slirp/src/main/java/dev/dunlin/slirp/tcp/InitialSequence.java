package dev.dunlin.slirp.tcp;

import com.google.common.hash.HashFunction;
import com.google.common.hash.Hashing;
import dev.dunlin.slirp.wire.IpAddr;
import java.util.random.RandomGenerator;

/** Initial sequence numbers that nobody guesses and no connection repeats soon (RFC 6528). */
final class InitialSequence {
  /** The clock of RFC 9293 section 3.4.1 ticks every four microseconds. */
  private static final long TICK = 4000;

  private final HashFunction hash;
  private boolean started;
  private long origin;

  InitialSequence(RandomGenerator random) {
    hash = Hashing.sipHash24(random.nextLong(), random.nextLong());
  }

  /** A secret number of the connection: half of it for the sequence, half for timestamps. */
  long secretOf(IpAddr guest, IpAddr remote, int ports) {
    return hash.newHasher()
        .putLong(guest.hi())
        .putLong(guest.lo())
        .putLong(remote.hi())
        .putLong(remote.lo())
        .putInt(ports)
        .hash()
        .asLong();
  }

  /** Both clocks count from the first connection: the host's own may overflow, these only wrap. */
  long origin(long now) {
    if (!started) {
      started = true;
      origin = now;
    }
    return origin;
  }

  int sequence(long secret, long now) {
    return (int) secret + (int) ((now - origin(now)) / TICK);
  }

  static int timestampOffset(long secret) {
    return (int) (secret >>> 32);
  }
}
