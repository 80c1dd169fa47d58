package dev.dunlin.migration.vmstate;

import java.util.function.Consumer;

/** What a device does around its fields. */
record StateHooks<T>(PreSave<T> preSave, Consumer<T> preLoad, PostLoad<T> postLoad) {

  /**
   * Brings fields up to date that exist for the stream only. At a safepoint; the device goes on
   * afterwards as if nothing had been.
   */
  @FunctionalInterface
  public interface PreSave<T> {
    void accept(T target) throws StateException;
  }

  /** Checks what was loaded and derives what wasn't. Refuses by throwing. */
  @FunctionalInterface
  public interface PostLoad<T> {
    void accept(T target, int version) throws StateException;
  }

  static <T> StateHooks<T> none() {
    return new StateHooks<>(target -> {}, target -> {}, (target, version) -> {});
  }
}
