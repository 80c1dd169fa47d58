package dev.dunlin.core.net;

/** What a backend's module may ask about the others. Loop thread. */
@FunctionalInterface
public interface NetDirectory {

  /** Whether something that isn't a card has this name. */
  boolean isNetdev(String name);
}
