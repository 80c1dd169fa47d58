package dev.dunlin.migration.hostile;

import dev.dunlin.migration.stream.DeviceSection;
import dev.dunlin.migration.stream.DeviceSections;
import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.SectionHeader;
import dev.dunlin.migration.stream.StreamInput;
import dev.dunlin.migration.walk.StreamVisitor;
import dev.dunlin.migration.walk.StreamWalker;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * Everything that is done to a good stream, always the same for the same stream: cut short, numbers
 * changed to those that hurt, sections twice, missing or in another order, bits and bytes at
 * random.
 */
final class Mutations {
  /** Bytes that all mutations of one kind come to: the longer a stream, the fewer it gets. */
  private static final int BYTES = 8_000_000;

  private static final int FEW = 60;
  private static final int MANY = 600;

  /** How far behind a section's beginning its numbers are. */
  private static final int HEADER = 40;

  private static final long[] NUMBERS = {
    0, 1, 0x7f, 0xff, 0x7fff_ffff, 0x8000_0000L, -1, Long.MAX_VALUE, Long.MIN_VALUE
  };

  private final byte[] seed;
  private final Sink sink;
  private final List<Integer> starts = new ArrayList<>();
  private final int count;

  /** Takes one after the other. */
  interface Sink {
    void take(String how, byte[] bytes) throws Exception;
  }

  private Mutations(byte[] seed, Sink sink) {
    this.seed = seed;
    this.sink = sink;
    this.count = Math.max(FEW, Math.min(MANY, BYTES / seed.length));
  }

  static void each(byte[] seed, Sink sink) throws Exception {
    Mutations mutations = new Mutations(seed, sink);
    mutations.findSections();
    mutations.cuts();
    mutations.numbers();
    mutations.sections();
    mutations.noise();
  }

  /** Where sections begin, for what is a stream; its end counts too. */
  private void findSections() {
    StreamVisitor visitor =
        new StreamVisitor() {
          @Override
          public void begins(SectionHeader section, long position) {
            starts.add((int) position);
          }

          @Override
          public void devices(DeviceSections devices) {
            for (DeviceSection device : devices.sections()) {
              starts.add((int) device.position());
            }
            int end = starts.get(starts.size() - 1);
            starts.add(
                devices.sections().isEmpty()
                    ? seed.length
                    : starts.get(starts.size() - devices.sections().size())
                        + devices.bytes().remaining());
            if (starts.get(starts.size() - 1) < end) {
              throw new IllegalStateException(starts.toString());
            }
          }
        };
    try {
      new StreamWalker(StreamInput.of(ByteBuffer.wrap(seed)), visitor).walk();
    } catch (LoadException otherwise) {
      starts.clear();
    }
  }

  /** Around sections' beginnings, at the start, and here and there; thinned out evenly. */
  private List<Integer> places() {
    TreeSet<Integer> all = new TreeSet<>();
    for (int i = 0; i < 100; i++) {
      all.add(i);
      all.add((int) ((long) seed.length * i / 100));
    }
    for (int start : starts) {
      for (int i = -5; i < HEADER; i++) {
        all.add(start + i);
      }
    }
    List<Integer> within = all.stream().filter(at -> at >= 0 && at < seed.length).toList();
    List<Integer> some = new ArrayList<>();
    int step = Math.max(1, within.size() / count);
    for (int i = 0; i < within.size(); i += step) {
      some.add(within.get(i));
    }
    return some;
  }

  private void cuts() throws Exception {
    for (int at : places()) {
      sink.take("cut at " + at, Arrays.copyOf(seed, at));
    }
  }

  private void numbers() throws Exception {
    int round = 0;
    for (int at : places()) {
      for (int size : new int[] {1, 4, 8}) {
        long number = NUMBERS[round++ % NUMBERS.length];
        if (at + size <= seed.length) {
          byte[] changed = seed.clone();
          for (int i = 0; i < size; i++) {
            changed[at + i] = (byte) (number >> 8 * (size - 1 - i));
          }
          sink.take("0x%x in %d bytes at %d".formatted(number, size, at), changed);
        }
      }
    }
  }

  private void sections() throws Exception {
    for (int i = 0; i + 1 < starts.size(); i++) {
      int from = starts.get(i);
      int to = starts.get(i + 1);
      sink.take("without section " + i, spliced(from, to, from, from));
      sink.take("section " + i + " twice", spliced(from, to, from, to, from, to));
      if (i + 2 < starts.size()) {
        int next = starts.get(i + 2);
        sink.take("section " + i + " later", spliced(from, next, to, next, from, to));
      }
    }
  }

  /** The seed with what lies between the first two places replaced by pieces of its own. */
  private byte[] spliced(int from, int to, int... pieces) {
    byte[] all = Arrays.copyOf(seed, from);
    for (int i = 0; i < pieces.length; i += 2) {
      all = StreamTarget.join(all, Arrays.copyOfRange(seed, pieces[i], pieces[i + 1]));
    }
    return StreamTarget.join(all, Arrays.copyOfRange(seed, to, seed.length));
  }

  private void noise() throws Exception {
    for (int round = 0; round < count; round++) {
      SplittableRandom random = new SplittableRandom(round);
      byte[] changed = seed.clone();
      for (int flips = 1 + random.nextInt(8); flips > 0; flips--) {
        int at = place(random);
        changed[at] =
            (byte) (random.nextBoolean() ? random.nextInt() : changed[at] ^ 1 << random.nextInt(8));
      }
      sink.take("noise " + round, changed);
      int from = random.nextInt(seed.length);
      int to = from + random.nextInt(Math.min(5000, seed.length - from) + 1);
      int at = place(random);
      sink.take("piece " + round, spliced(at, at, from, to));
    }
  }

  /** Half of them where numbers are. */
  private int place(SplittableRandom random) {
    if (starts.isEmpty() || random.nextBoolean()) {
      return random.nextInt(seed.length);
    }
    int start = starts.get(random.nextInt(starts.size()));
    return Math.min(seed.length - 1, start + random.nextInt(HEADER));
  }
}
