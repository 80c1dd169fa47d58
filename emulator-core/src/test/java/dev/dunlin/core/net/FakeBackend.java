package dev.dunlin.core.net;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePort;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A backend that opens nothing, swallows every frame and succeeds at once. */
class FakeBackend implements NetBackend {
  @Override
  public String info() {
    return "";
  }

  @Override
  public void connectedTo(OptionalInt hub) {}

  @Override
  public void attach(NetThread thread) {}

  @Override
  public FramePort input() {
    return Frame::release;
  }

  @Override
  public void connect(FramePort output, Offload receivers) {}

  @Override
  public Offload offload() {
    return Offload.NONE;
  }

  @Override
  public CompletionStage<Void> start() {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<Void> stop() {
    return CompletableFuture.completedFuture(null);
  }
}
