package dev.dunlin.core.loop;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A map from tokens to what they stand for, which makes no objects when it is asked: a loop asks it
 * for every event. Open addressing with linear probing, at most half full; token 0 is for nobody.
 * One thread.
 */
public final class TokenTable<V> {
  private static final int FIRST_SIZE = 32;

  private long[] tokens = new long[FIRST_SIZE];
  private @Nullable Object[] values = new @Nullable Object[FIRST_SIZE];
  private int size;

  /** What the token stands for, or null. */
  public @Nullable V get(long token) {
    int at = find(token);
    return tokens[at] == token ? valueAt(at) : null;
  }

  /** Puts a value in, in the place of one that was there. */
  public void put(long token, V value) {
    if (token == 0) {
      throw new IllegalArgumentException("token 0");
    }
    int at = find(token);
    if (tokens[at] != token) {
      size++;
      if (2 * size > tokens.length) {
        grow();
        at = find(token);
      }
      tokens[at] = token;
    }
    values[at] = value;
  }

  /** Takes a token out; what it stood for, or null. */
  public @Nullable V remove(long token) {
    int at = find(token);
    if (tokens[at] != token || token == 0) {
      return null;
    }
    V removed = valueAt(at);
    size--;
    closeGap(at);
    return removed;
  }

  public int size() {
    return size;
  }

  /** Every value; the table must not change meanwhile. */
  @SuppressWarnings("unchecked")
  public void forEach(Consumer<? super V> action) {
    for (Object value : values) {
      if (value != null) {
        action.accept((V) value);
      }
    }
  }

  /** Where the token is, or the free place where it belongs. */
  private int find(long token) {
    int mask = tokens.length - 1;
    int at = home(token);
    while (tokens[at] != token && tokens[at] != 0) {
      at = (at + 1) & mask;
    }
    return at;
  }

  private int home(long token) {
    // Fibonacci hashing: tokens count up, and their upper bits alone may differ.
    return (int) (token * 0x9e3779b97f4a7c15L >>> 32) & (tokens.length - 1);
  }

  /** Moves what stands behind a gap and could not stand at home up to it. */
  private void closeGap(int gap) {
    int mask = tokens.length - 1;
    int free = gap;
    int at = (gap + 1) & mask;
    while (tokens[at] != 0) {
      int wayFromHome = (at - home(tokens[at])) & mask;
      if (wayFromHome >= ((at - free) & mask)) {
        tokens[free] = tokens[at];
        values[free] = values[at];
        free = at;
      }
      at = (at + 1) & mask;
    }
    tokens[free] = 0;
    values[free] = null;
  }

  @SuppressWarnings("unchecked")
  private @Nullable V valueAt(int at) {
    return (V) values[at];
  }

  private void grow() {
    long[] oldTokens = tokens;
    @Nullable Object[] oldValues = values;
    tokens = new long[2 * oldTokens.length];
    values = new @Nullable Object[tokens.length];
    for (int i = 0; i < oldTokens.length; i++) {
      if (oldTokens[i] != 0) {
        int at = find(oldTokens[i]);
        tokens[at] = oldTokens[i];
        values[at] = oldValues[i];
      }
    }
  }
}
