package dev.dunlin.slirp.service;

import dev.dunlin.slirp.link.VirtualNet;
import dev.dunlin.slirp.wire.IpAddr;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who has which of the addresses from {@code dhcpstart} on. Bound: {@link #SIZE} addresses, as
 * libslirp; when all are taken, the one that expired first is given anew, and if none has expired,
 * a new client gets nothing.
 *
 * <p>A client is its hardware address: a boot ROM and the system it loads have different client
 * identifiers, and a forward to the first address must reach both.
 */
public final class DhcpLeases {
  static final int SIZE = 16;
  static final long LEASE_TIME = TimeUnit.HOURS.toNanos(24);

  /** No lease has more nanoseconds left. */
  public static final long LONGEST = LEASE_TIME;

  /** An offer nobody took is free again after this. */
  static final long OFFER_TIME = TimeUnit.SECONDS.toNanos(60);

  /** An address that a client found in use by somebody else rests for so long. */
  static final long DECLINE_TIME = TimeUnit.MINUTES.toNanos(10);

  private static final long NOBODY = -1;

  /** Enough to come round a net with odd masks and to step over our own stations. */
  private static final int MOST_CANDIDATES = 1024;

  private final List<Slot> slots = new ArrayList<>();

  private static final class Slot {
    private final int address;
    private long mac = NOBODY;
    private boolean held;
    private long expiry;

    Slot(int address) {
      this.address = address;
    }

    boolean isHeld(long now) {
      return held && expiry - now > 0;
    }

    void hold(long newMac, long until) {
      mac = newMac;
      held = true;
      expiry = until;
    }
  }

  /**
   * The pool: up to sixteen addresses from {@code start} upwards, around the end of the net when it
   * comes too soon, leaving out our own, the first and the last (in a /28, QEMU's default start
   * <em>is</em> the last).
   */
  DhcpLeases(VirtualNet net, IpAddr start) {
    pool(net, start).forEach(address -> slots.add(new Slot(address)));
  }

  /** What may be leased, in order. */
  static Stream<Integer> pool(VirtualNet net, IpAddr start) {
    return IntStream.range(0, MOST_CANDIDATES)
        .mapToObj(i -> net.network().v4() | ((start.v4() + i) & ~net.mask()))
        .filter(net::isGuest)
        .distinct()
        .limit(SIZE);
  }

  int poolSize() {
    return slots.size();
  }

  /**
   * Finds an address to offer: the client's own, then the one it wishes, then a fresh one, then the
   * one free longest. {@code heard} tells the card that an address was last heard from: an address
   * that a stranger to its lease uses was configured by hand and isn't offered.
   */
  OptionalInt offer(long mac, OptionalInt wish, IntFunction<@Nullable Long> heard, long now) {
    List<Slot> usable =
        slots.stream().filter(slot -> !isStrangers(slot, mac, heard.apply(slot.address))).toList();
    Optional<Slot> chosen =
        usable.stream()
            .filter(slot -> slot.mac == mac)
            .findFirst()
            .or(() -> wished(usable, wish, now))
            .or(() -> longestFree(usable, now));
    chosen.ifPresent(slot -> keepFor(slot, mac, now));
    return chosen.map(slot -> OptionalInt.of(slot.address)).orElse(OptionalInt.empty());
  }

  private static boolean isStrangers(Slot slot, long client, @Nullable Long heard) {
    return heard != null && heard != client && heard != slot.mac;
  }

  /** An offer holds for a minute; a lease that still runs isn't shortened by it. */
  private static void keepFor(Slot slot, long mac, long now) {
    if (slot.mac != mac || !slot.isHeld(now)) {
      slot.hold(mac, now + OFFER_TIME);
    }
  }

  private Optional<Slot> ownOf(long mac) {
    return slots.stream().filter(slot -> slot.mac == mac).findFirst();
  }

  private static Optional<Slot> wished(List<Slot> usable, OptionalInt wish, long now) {
    return usable.stream()
        .filter(slot -> wish.isPresent() && slot.address == wish.getAsInt() && !slot.isHeld(now))
        .findFirst();
  }

  private static Optional<Slot> longestFree(List<Slot> usable, long now) {
    List<Slot> free = usable.stream().filter(slot -> !slot.isHeld(now)).toList();
    return free.stream()
        .filter(slot -> slot.mac == NOBODY)
        .findFirst()
        .or(() -> free.stream().min(Comparator.comparingLong(slot -> slot.expiry - now)));
  }

  private Optional<Slot> slotOf(int address) {
    return slots.stream().filter(slot -> slot.address == address).findFirst();
  }

  /** Binds the address to the client; false when it is another's or none of the pool. */
  boolean bind(int address, long mac, long now) {
    Optional<Slot> slot = slotOf(address);
    if (slot.isEmpty() || (slot.get().isHeld(now) && slot.get().mac != mac)) {
      return false;
    }
    // One address a client: what it had before is free.
    slots.stream()
        .filter(other -> other.mac == mac && other.address != address)
        .forEach(
            other -> {
              other.held = false;
              other.mac = NOBODY;
            });
    slot.get().hold(mac, now + LEASE_TIME);
    return true;
  }

  /** Ends the client's lease; it gets the same address again if nobody else needed it. */
  void release(int address, long mac, long now) {
    slotOf(address)
        .filter(slot -> slot.mac == mac)
        .ifPresent(
            slot -> {
              slot.held = false;
              slot.expiry = now;
            });
  }

  /** The client found the address in use: nobody gets it for a while. */
  void decline(int address, long mac, long now) {
    slotOf(address)
        .filter(slot -> slot.mac == mac)
        .ifPresent(slot -> slot.hold(NOBODY, now + DECLINE_TIME));
  }

  /** Forgets an offer that the client answered with a request to another server. */
  void refuse(long mac, long now) {
    ownOf(mac).ifPresent(slot -> release(slot.address, mac, now));
  }

  /** Goes on with another server's leases in the place of its own. */
  void replace(List<Lease> leases, long now) {
    for (Slot slot : slots) {
      slot.held = false;
      slot.mac = NOBODY;
    }
    for (Lease lease : leases) {
      slotOf(lease.address().v4())
          .ifPresent(slot -> slot.hold(lease.mac(), now + lease.nanosLeft()));
    }
  }

  /** The leases held now. */
  List<Lease> held(long now) {
    return slots.stream()
        .filter(slot -> slot.isHeld(now) && slot.mac != NOBODY)
        .map(slot -> new Lease(IpAddr.v4(slot.address), slot.mac, slot.expiry - now))
        .toList();
  }

  /** One client's lease, for the monitor and for saved state. */
  public record Lease(IpAddr address, long mac, long nanosLeft) {}
}
