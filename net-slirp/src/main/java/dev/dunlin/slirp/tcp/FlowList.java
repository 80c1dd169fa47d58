package dev.dunlin.slirp.tcp;

import org.jspecify.annotations.Nullable;

/** Flows in the order in which they came, linked through themselves. A flow is in one at most. */
final class FlowList {
  private @Nullable TcpFlow oldest;
  private @Nullable TcpFlow newest;
  private int size;

  int size() {
    return size;
  }

  @Nullable TcpFlow oldest() {
    return oldest;
  }

  void add(TcpFlow flow) {
    if (flow.list != null) {
      throw new IllegalStateException(flow + " is in a list");
    }
    flow.list = this;
    flow.older = newest;
    flow.newer = null;
    if (newest == null) {
      oldest = flow;
    } else {
      newest.newer = flow;
    }
    newest = flow;
    size++;
  }

  /** Takes the flow out of whatever list it is in. */
  static void remove(TcpFlow flow) {
    if (flow.list != null) {
      flow.list.unlink(flow);
      flow.list = null;
    }
  }

  private void unlink(TcpFlow flow) {
    if (flow.older == null) {
      oldest = flow.newer;
    } else {
      flow.older.newer = flow.newer;
    }
    if (flow.newer == null) {
      newest = flow.older;
    } else {
      flow.newer.older = flow.older;
    }
    flow.older = null;
    flow.newer = null;
    size--;
  }
}
