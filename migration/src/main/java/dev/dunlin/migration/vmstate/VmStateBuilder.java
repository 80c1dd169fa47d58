package dev.dunlin.migration.vmstate;

import com.google.common.base.Preconditions;
import com.google.common.collect.ImmutableList;
import dev.dunlin.migration.vmstate.StateHooks.PostLoad;
import dev.dunlin.migration.vmstate.StateHooks.PreSave;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ObjIntConsumer;
import java.util.function.ObjLongConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;

/**
 * Puts a {@link VmState} together: fields in the order in which they travel.
 *
 * <p>Getters and setters see the object that is saved or loaded, never another; they must not reach
 * beyond it. A value that its type can't hold fails the save; a Java {@code byte} or {@code int}
 * may stand for the unsigned number of its width. Fields may be called alike.
 *
 * @param <T> the object that has the fields
 */
public final class VmStateBuilder<T> {
  private static final int MAX_NAME = 255;

  private final String name;
  private final int version;
  private final List<Step<T>> steps = new ArrayList<>();
  private final List<VmState<T>> subsections = new ArrayList<>();
  private int minimumVersion;
  private Presence<T> presence = Presence.always();
  private Predicate<T> needed = target -> true;
  private StateHooks<T> hooks = StateHooks.none();

  VmStateBuilder(String name, int version) {
    int length = name.getBytes(StandardCharsets.UTF_8).length;
    Preconditions.checkArgument(length >= 1 && length <= MAX_NAME, "name '%s'", name);
    Preconditions.checkArgument(version >= 0, "version %s", version);
    this.name = name;
    this.version = version;
    this.minimumVersion = version;
  }

  /** The oldest version that is read; without this only {@code version} is. */
  public VmStateBuilder<T> minimumVersion(int oldest) {
    Preconditions.checkArgument(oldest >= 0 && oldest <= version, "minimum version %s", oldest);
    minimumVersion = oldest;
    return this;
  }

  public VmStateBuilder<T> bool(String field, Predicate<T> get, BiConsumer<T, Boolean> set) {
    return number(
        field,
        IntType.BOOL,
        target -> get.test(target) ? 1 : 0,
        (target, value) -> set.accept(target, value != 0));
  }

  public VmStateBuilder<T> uint8(String field, ToIntFunction<T> get, ObjIntConsumer<T> set) {
    return small(field, IntType.UINT8, get, set);
  }

  public VmStateBuilder<T> uint16(String field, ToIntFunction<T> get, ObjIntConsumer<T> set) {
    return small(field, IntType.UINT16, get, set);
  }

  public VmStateBuilder<T> uint32(String field, ToLongFunction<T> get, ObjLongConsumer<T> set) {
    return number(field, IntType.UINT32, get, set);
  }

  public VmStateBuilder<T> uint64(String field, ToLongFunction<T> get, ObjLongConsumer<T> set) {
    return number(field, IntType.UINT64, get, set);
  }

  public VmStateBuilder<T> int8(String field, ToIntFunction<T> get, ObjIntConsumer<T> set) {
    return small(field, IntType.INT8, get, set);
  }

  public VmStateBuilder<T> int16(String field, ToIntFunction<T> get, ObjIntConsumer<T> set) {
    return small(field, IntType.INT16, get, set);
  }

  public VmStateBuilder<T> int32(String field, ToIntFunction<T> get, ObjIntConsumer<T> set) {
    return small(field, IntType.INT32, get, set);
  }

  public VmStateBuilder<T> int64(String field, ToLongFunction<T> get, ObjLongConsumer<T> set) {
    return number(field, IntType.INT64, get, set);
  }

  /** A timer's expiry in nanoseconds of the virtual clock; -1 when it isn't armed. */
  public VmStateBuilder<T> timer(String field, ToLongFunction<T> get, ObjLongConsumer<T> set) {
    return number(field, IntType.TIMER, get, set);
  }

  /** A number that isn't loaded: a stream that has another one is refused. */
  public VmStateBuilder<T> equal(String field, IntType type, ToLongFunction<T> get) {
    return once(field, Elements.equal(type, get));
  }

  /** {@code count} numbers. The slots must be as many. */
  public VmStateBuilder<T> array(String field, IntType type, int count, Function<T, Slots> slots) {
    return many(field, BoundedCount.exactly(count), Elements.numbers(type, slots));
  }

  /**
   * As many numbers as {@code count} says, a field that comes earlier; a stream that says more than
   * {@code max} is refused. The slots must be {@code max} or as many as are wanted.
   */
  public VmStateBuilder<T> array(
      String field, IntType type, ToIntFunction<T> count, int max, Function<T, Slots> slots) {
    return many(field, new BoundedCount<>(count, max), Elements.numbers(type, slots));
  }

  /** The bytes of an array that has its length already, both when saved and when loaded. */
  public VmStateBuilder<T> buffer(String field, Function<T, byte[]> bytes) {
    return once(field, Elements.buffer(bytes));
  }

  /**
   * As many bytes as {@code size} says, a field that comes earlier; a stream that says more than
   * {@code max} is refused.
   */
  public VmStateBuilder<T> buffer(
      String field,
      ToIntFunction<T> size,
      int max,
      Function<T, byte[]> get,
      BiConsumer<T, byte[]> set) {
    return once(field, Elements.buffer(new BoundedCount<>(size, max), get, set));
  }

  /** {@code bits} bits, the lowest of the first word first. The array has words enough. */
  public VmStateBuilder<T> bitmap(String field, int bits, Function<T, long[]> words) {
    return once(field, Elements.bitmap(bits, words));
  }

  /** Bytes that an earlier version used. */
  public VmStateBuilder<T> unused(int bytes) {
    return once("unused", Elements.unused(bytes));
  }

  /** An object that has a description of its own, in place. */
  public <S> VmStateBuilder<T> struct(String field, VmState<S> state, Function<T, S> get) {
    return once(field, Elements.struct(state, (target, index) -> get.apply(target)));
  }

  /** {@code count} objects, in place. */
  public <S> VmStateBuilder<T> structs(
      String field, int count, VmState<S> state, BiFunction<T, Integer, S> get) {
    return many(field, BoundedCount.exactly(count), Elements.struct(state, get));
  }

  /** As many objects as {@code count} says, a field that comes earlier; at most {@code max}. */
  public <S> VmStateBuilder<T> structs(
      String field,
      ToIntFunction<T> count,
      int max,
      VmState<S> state,
      BiFunction<T, Integer, S> get) {
    return many(field, new BoundedCount<>(count, max), Elements.struct(state, get));
  }

  /**
   * Objects that say themselves whether another one follows (QEMU's QTAILQ).
   *
   * @param fresh a new one, which is loaded and then added
   */
  public <S> VmStateBuilder<T> list(
      String field,
      int max,
      VmState<S> state,
      Function<T, ? extends Iterable<S>> get,
      Supplier<S> fresh,
      BiConsumer<T, S> add) {
    return once(field, Elements.list(state, max, get, fresh, add));
  }

  /** Fields that a stream has from a version on; older ones leave them as they are. */
  public VmStateBuilder<T> since(int first, Consumer<VmStateBuilder<T>> fields) {
    return within(presence.since(first), fields);
  }

  /** Fields that a stream has when {@code test} holds, for the saver as for the loader. */
  public VmStateBuilder<T> when(FieldTest<T> test, Consumer<VmStateBuilder<T>> fields) {
    return within(presence.when(test), fields);
  }

  /** Refuses a state in which {@code test} doesn't hold once the fields before it are loaded. */
  public VmStateBuilder<T> validate(String what, FieldTest<T> test) {
    steps.add(new Step.Validation<>(what, test));
    return this;
  }

  /**
   * State that only some machines or moments have: it is sent when its {@link #neededWhen} says so
   * and may be missing in a stream, which leaves its fields as they are. Loaders that don't know it
   * refuse it.
   */
  public VmStateBuilder<T> subsection(VmState<T> state) {
    Preconditions.checkArgument(
        state.name().startsWith(name + "/"), "a subsection of %s named %s", name, state.name());
    subsections.add(state);
    return this;
  }

  /** Whether there is anything to save: of a section, or of the subsection that this describes. */
  public VmStateBuilder<T> neededWhen(Predicate<T> test) {
    needed = test;
    return this;
  }

  /** Before the fields are saved, at a safepoint. */
  public VmStateBuilder<T> preSave(PreSave<T> hook) {
    hooks = new StateHooks<>(hook, hooks.preLoad(), hooks.postLoad());
    return this;
  }

  /** Before the fields are loaded: what a stream that lacks some of them means. */
  public VmStateBuilder<T> preLoad(Consumer<T> hook) {
    hooks = new StateHooks<>(hooks.preSave(), hook, hooks.postLoad());
    return this;
  }

  /**
   * After fields and subsections were loaded. May refuse, since nothing of the VM has changed yet;
   * so it must look at nothing but the object that was loaded.
   */
  public VmStateBuilder<T> postLoad(PostLoad<T> hook) {
    hooks = new StateHooks<>(hooks.preSave(), hooks.preLoad(), hook);
    return this;
  }

  public VmState<T> build() {
    return new VmState<>(
        name,
        version,
        minimumVersion,
        labelled(),
        ImmutableList.copyOf(subsections),
        needed,
        hooks);
  }

  private VmStateBuilder<T> small(
      String field, IntType type, ToIntFunction<T> get, ObjIntConsumer<T> set) {
    return number(field, type, get::applyAsInt, (target, value) -> set.accept(target, (int) value));
  }

  private VmStateBuilder<T> number(
      String field, IntType type, ToLongFunction<T> get, ObjLongConsumer<T> set) {
    return once(field, Elements.number(type, get, set));
  }

  private VmStateBuilder<T> once(String field, Element<T> element) {
    return add(field, BoundedCount.exactly(1), false, element);
  }

  private VmStateBuilder<T> many(String field, BoundedCount<T> count, Element<T> element) {
    return add(field, count, true, element);
  }

  private VmStateBuilder<T> add(
      String field, BoundedCount<T> count, boolean array, Element<T> element) {
    steps.add(new StateField<>(field, field, presence, count, array, element));
    return this;
  }

  private VmStateBuilder<T> within(Presence<T> inner, Consumer<VmStateBuilder<T>> fields) {
    Presence<T> outer = presence;
    presence = inner;
    fields.accept(this);
    presence = outer;
    return this;
  }

  /** Fields that are called alike are numbered in the vmdescription, whichever are present. */
  private ImmutableList<Step<T>> labelled() {
    ImmutableList.Builder<Step<T>> result = ImmutableList.builder();
    for (int i = 0; i < steps.size(); i++) {
      result.add(
          steps.get(i) instanceof StateField<T> field && namesakes(field.name(), steps.size()) > 1
              ? field.labelled(field.name() + "[" + namesakes(field.name(), i) + "]")
              : steps.get(i));
    }
    return result.build();
  }

  private long namesakes(String field, int before) {
    return steps.stream()
        .limit(before)
        .filter(step -> step instanceof StateField<T> other && other.name().equals(field))
        .count();
  }
}
