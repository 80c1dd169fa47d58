package dev.dunlin.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Everything that came out of a stream so far, collected by a thread of its own until the stream
 * ends. Bytes are kept as ISO 8859-1 characters. Any thread may wait for what is to come.
 */
public final class Transcript implements AutoCloseable {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition grown = lock.newCondition();
  private final StringBuilder text = new StringBuilder();
  private final String name;
  private final Thread reader;
  private boolean ended;

  public Transcript(String name, InputStream in) {
    this.name = name;
    reader = new Thread(() -> copy(in), "transcript of " + name);
    reader.setDaemon(true);
    reader.start();
  }

  /** All of it, up to now. */
  public String text() {
    lock.lock();
    try {
      return text.toString();
    } finally {
      lock.unlock();
    }
  }

  /** How many characters there are; a place to wait from. */
  public int length() {
    lock.lock();
    try {
      return text.length();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for {@code wanted} at or after {@code from}; returns the text from there to its start.
   * Fails with the transcript when the stream ends first or time is over.
   */
  public String awaitAfter(int from, String wanted, Duration limit) {
    lock.lock();
    try {
      long left = limit.toNanos();
      int found = text.indexOf(wanted, from);
      while (found < 0 && !ended && left > 0) {
        left = grown.awaitNanos(left);
        found = text.indexOf(wanted, from);
      }
      if (found < 0) {
        throw new AssertionError(
            "'%s' didn't come from %s (%s). It said:%n%s"
                .formatted(
                    wanted, name, ended ? "it ended" : "waited " + limit, text.substring(from)));
      }
      return text.substring(from, found);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for " + wanted, e);
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the end of the stream and returns all of it. */
  public String awaitEnd(Duration limit) {
    lock.lock();
    try {
      long left = limit.toNanos();
      while (!ended) {
        if (left <= 0) {
          throw new AssertionError(name + " didn't end in " + limit + ". It said:\n" + text);
        }
        left = grown.awaitNanos(left);
      }
      return text.toString();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for the end of " + name, e);
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the reader to end; close the stream's other side first. */
  @Override
  public void close() {
    try {
      reader.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void copy(InputStream in) {
    byte[] piece = new byte[8192];
    try {
      for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
        append(new String(piece, 0, n, StandardCharsets.ISO_8859_1));
      }
    } catch (IOException closed) {
      append("");
    } finally {
      end();
    }
  }

  private void append(String more) {
    lock.lock();
    try {
      text.append(more);
      grown.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void end() {
    lock.lock();
    try {
      ended = true;
      grown.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
