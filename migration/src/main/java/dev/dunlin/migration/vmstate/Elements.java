package dev.dunlin.migration.vmstate;

import dev.dunlin.migration.stream.JsonText;
import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.StreamInput;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** The kinds of elements, laid out as QEMU's migration/vmstate-types.c does. */
final class Elements {
  private Elements() {}

  /** Reads a number of one of many places. */
  interface IndexedGet<T> {
    long get(T target, int index);
  }

  /** Writes a number into one of many places. */
  interface IndexedSet<T> {
    void set(T target, int index, long value);
  }

  static <T> Element<T> number(IntType type, ToLongFunction<T> get, ObjLongConsumer<T> set) {
    return numbers(
        type,
        (target, index) -> get.applyAsLong(target),
        (target, index, value) -> set.accept(target, value));
  }

  static <T> Element<T> numbers(IntType type, Function<T, Slots> slots) {
    return numbers(
        type,
        (target, index) -> slots.apply(target).get(index),
        (target, index, value) -> slots.apply(target).set(index, value));
  }

  private static <T> Element<T> numbers(IntType type, IndexedGet<T> get, IndexedSet<T> set) {
    return new Element<>() {
      @Override
      public String type() {
        return type.qemuName();
      }

      @Override
      public void save(StateOutput out, T target, int index) throws StateException {
        long value = get.get(target, index);
        if (!type.fits(value)) {
          throw new StateException(value + " isn't a value of " + type.qemuName());
        }
        out.put(type, value);
      }

      @Override
      public void load(StreamInput in, T target, int index) {
        set.set(target, index, type.read(in));
      }
    };
  }

  /** A number that both sides must have alike: it isn't loaded but compared. */
  static <T> Element<T> equal(IntType type, ToLongFunction<T> get) {
    return new Element<>() {
      @Override
      public String type() {
        return type.qemuName() + " equal";
      }

      @Override
      public void save(StateOutput out, T target, int index) throws StateException {
        out.put(type, get.applyAsLong(target));
      }

      @Override
      public void load(StreamInput in, T target, int index) throws LoadException {
        long mine = get.applyAsLong(target);
        long theirs = type.read(in);
        in.check();
        if (mine != theirs) {
          throw LoadException.invalid("%s != %s".formatted(hex(type, mine), hex(type, theirs)));
        }
      }
    };
  }

  private static String hex(IntType type, long value) {
    return Long.toHexString(type.bytes() == 8 ? value : value & ((1L << 8 * type.bytes()) - 1));
  }

  /** Bytes in place: as many as the target's array has. */
  static <T> Element<T> buffer(Function<T, byte[]> get) {
    return new Element<>() {
      @Override
      public String type() {
        return "buffer";
      }

      @Override
      public void save(StateOutput out, T target, int index) throws StateException {
        out.put(get.apply(target));
      }

      @Override
      public void load(StreamInput in, T target, int index) {
        in.get(get.apply(target));
      }
    };
  }

  /** As many bytes as {@code size} says, in an array of their own. */
  static <T> Element<T> buffer(
      BoundedCount<T> size, Function<T, byte[]> get, BiConsumer<T, byte[]> set) {
    return new Element<>() {
      @Override
      public String type() {
        return "buffer";
      }

      @Override
      public void save(StateOutput out, T target, int index) throws StateException {
        byte[] bytes = get.apply(target);
        int wanted = size.toSave(target);
        if (bytes.length != wanted) {
          throw new StateException(bytes.length + " bytes where " + wanted + " are announced");
        }
        out.put(bytes);
      }

      @Override
      public void load(StreamInput in, T target, int index) throws LoadException {
        byte[] bytes = in.take(size.toLoad(target));
        in.check();
        set.accept(target, bytes);
      }
    };
  }

  /** Bytes that mean nothing any more. */
  static <T> Element<T> unused(int size) {
    return new Element<>() {
      @Override
      public String type() {
        return "unused_buffer";
      }

      @Override
      public void save(StateOutput out, T target, int index) throws StateException {
        out.put(new byte[size]);
      }

      @Override
      public void load(StreamInput in, T target, int index) {
        in.skip(size);
      }
    };
  }

  /** {@code bits} bits, the lowest first, in words of 64. */
  static <T> Element<T> bitmap(int bits, Function<T, long[]> get) {
    int words = (bits + Long.SIZE - 1) / Long.SIZE;
    return new Element<>() {
      @Override
      public String type() {
        return "bitmap";
      }

      @Override
      public void save(StateOutput out, T target, int index) throws StateException {
        long[] bitmap = get.apply(target);
        for (int i = 0; i < words; i++) {
          out.put(IntType.UINT64, bitmap[i]);
        }
      }

      @Override
      public void load(StreamInput in, T target, int index) {
        long[] bitmap = get.apply(target);
        for (int i = 0; i < words; i++) {
          bitmap[i] = in.getLong();
        }
      }
    };
  }

  /** Another description's fields. */
  static <T, S> Element<T> struct(VmState<S> state, BiFunction<T, Integer, S> get) {
    return new Element<>() {
      @Override
      public String type() {
        return "struct";
      }

      @Override
      public boolean isUniform() {
        return state.isUniform();
      }

      @Override
      public void save(StateOutput out, T target, int index) throws StateException {
        out.describe(json -> json.name("struct").beginObject());
        state.save(out, get.apply(target, index));
        out.describe(JsonText::endObject);
      }

      @Override
      public void load(StreamInput in, T target, int index) throws LoadException {
        state.load(in, get.apply(target, index), state.version());
      }
    };
  }

  /** Structs one after the other, a 1 before each and a 0 after the last (QEMU's QTAILQ). */
  static <T, S> Element<T> list(
      VmState<S> state,
      int max,
      Function<T, ? extends Iterable<S>> get,
      Supplier<S> fresh,
      BiConsumer<T, S> add) {
    return new Element<>() {
      @Override
      public String type() {
        return "qtailq";
      }

      @Override
      public boolean isUniform() {
        return false;
      }

      @Override
      public void save(StateOutput out, T target, int index) throws StateException {
        out.silence();
        int count = 0;
        for (S element : get.apply(target)) {
          if (++count > max) {
            throw new StateException("more than " + max + " elements");
          }
          out.putByte(1);
          state.save(out, element);
        }
        out.putByte(0);
        out.speak();
      }

      @Override
      public void load(StreamInput in, T target, int index) throws LoadException {
        for (int count = 0; in.getByte() != 0; count++) {
          if (count == max) {
            throw LoadException.invalid("more than " + max + " elements");
          }
          S element = fresh.get();
          state.load(in, element, state.version());
          add.accept(target, element);
        }
      }
    };
  }
}
