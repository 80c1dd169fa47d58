package dev.dunlin.slirp.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePort;
import java.util.ArrayDeque;

/** The guest's end of the link: keeps a copy of every frame and gives the frame back at once. */
public final class TestLink implements FramePort {
  private final ArrayDeque<byte[]> frames = new ArrayDeque<>();

  @Override
  public void send(Frame frame) {
    frame.completeChecksum();
    frames.add(frame.toByteArray());
    frame.release();
  }

  public int size() {
    return frames.size();
  }

  /** The oldest frame not yet looked at. */
  public Parsed next() {
    assertFalse(frames.isEmpty(), "the guest got nothing");
    return new Parsed(frames.remove());
  }

  /** The only frame there is. */
  public Parsed only() {
    assertEquals(1, frames.size(), "frames to the guest");
    return next();
  }

  public void assertSilent() {
    assertEquals(0, frames.size(), "frames to the guest");
  }

  public void clear() {
    frames.clear();
  }
}
