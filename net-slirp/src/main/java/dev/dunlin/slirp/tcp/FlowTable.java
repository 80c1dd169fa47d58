package dev.dunlin.slirp.tcp;

import dev.dunlin.slirp.wire.IpAddr;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Flows by their four names: open addressing with linear probing, so that a lookup touches one
 * array and makes nothing. The hash has a secret, since the guest chooses what it is of. The bound
 * is {@link TcpConfig#mostFlows}, kept by {@link FlowLimits}.
 */
final class FlowTable {
  private static final int FIRST = 64;
  private static final long MIX = 0x9e3779b97f4a7c15L;

  private final long secret;
  private @Nullable TcpFlow[] slots = new @Nullable TcpFlow[FIRST];
  private int size;

  FlowTable(long secret) {
    this.secret = secret;
  }

  int size() {
    return size;
  }

  @Nullable TcpFlow find(IpAddr guest, IpAddr remote, int ports) {
    int mask = slots.length - 1;
    for (int i = hash(guest, remote, ports) & mask; ; i = (i + 1) & mask) {
      TcpFlow flow = slots[i];
      if (flow == null
          || (flow.ports == ports && flow.guest.equals(guest) && flow.remote.equals(remote))) {
        return flow;
      }
    }
  }

  private int hash(IpAddr guest, IpAddr remote, int ports) {
    long h = (secret ^ guest.hi() ^ guest.lo()) * MIX;
    h = (Long.rotateLeft(h, 29) ^ remote.hi() ^ remote.lo()) * MIX;
    h = (Long.rotateLeft(h, 29) ^ ports) * MIX;
    return (int) (h >>> 32);
  }

  /** Adds a flow whose names nobody in the table has. */
  void add(TcpFlow flow) {
    if (2 * (size + 1) > slots.length) {
      grow();
    }
    put(flow);
    size++;
  }

  private void put(TcpFlow flow) {
    int mask = slots.length - 1;
    int i = hash(flow.guest, flow.remote, flow.ports) & mask;
    while (slots[i] != null) {
      i = (i + 1) & mask;
    }
    slots[i] = flow;
  }

  private void grow() {
    @Nullable TcpFlow[] old = slots;
    slots = new @Nullable TcpFlow[2 * old.length];
    for (TcpFlow flow : old) {
      if (flow != null) {
        put(flow);
      }
    }
  }

  /** Removes a flow, when it is there, and closes the gap it leaves. */
  @SuppressWarnings("ReferenceEquality") // this very flow, not one of the same names
  void remove(TcpFlow flow) {
    int mask = slots.length - 1;
    int i = hash(flow.guest, flow.remote, flow.ports) & mask;
    while (slots[i] != flow) {
      if (slots[i] == null) {
        return;
      }
      i = (i + 1) & mask;
    }
    slots[i] = null;
    size--;
    for (int j = (i + 1) & mask; ; j = (j + 1) & mask) {
      TcpFlow next = slots[j];
      if (next == null) {
        return;
      }
      slots[j] = null;
      put(next);
    }
  }

  void forEach(Consumer<TcpFlow> action) {
    for (TcpFlow flow : slots) {
      if (flow != null) {
        action.accept(flow);
      }
    }
  }
}
