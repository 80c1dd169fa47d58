package dev.dunlin.migration.vmstate;

/**
 * The places of an array of whole numbers: Java's arrays as they are, or anything else that an
 * embedder has in their stead.
 */
public interface Slots {
  int length();

  long get(int index);

  void set(int index, long value);

  static Slots of(byte[] array) {
    return new Slots() {
      @Override
      public int length() {
        return array.length;
      }

      @Override
      public long get(int index) {
        return array[index];
      }

      @Override
      public void set(int index, long value) {
        array[index] = (byte) value;
      }
    };
  }

  static Slots of(short[] array) {
    return new Slots() {
      @Override
      public int length() {
        return array.length;
      }

      @Override
      public long get(int index) {
        return array[index];
      }

      @Override
      public void set(int index, long value) {
        array[index] = (short) value;
      }
    };
  }

  static Slots of(int[] array) {
    return new Slots() {
      @Override
      public int length() {
        return array.length;
      }

      @Override
      public long get(int index) {
        return array[index];
      }

      @Override
      public void set(int index, long value) {
        array[index] = (int) value;
      }
    };
  }

  static Slots of(long[] array) {
    return new Slots() {
      @Override
      public int length() {
        return array.length;
      }

      @Override
      public long get(int index) {
        return array[index];
      }

      @Override
      public void set(int index, long value) {
        array[index] = value;
      }
    };
  }

  static Slots of(boolean[] array) {
    return new Slots() {
      @Override
      public int length() {
        return array.length;
      }

      @Override
      public long get(int index) {
        return array[index] ? 1 : 0;
      }

      @Override
      public void set(int index, long value) {
        array[index] = value != 0;
      }
    };
  }
}
