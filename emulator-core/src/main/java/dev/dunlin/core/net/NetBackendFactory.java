package dev.dunlin.core.net;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.monitor.QmpCommand;

/** A type of network backend that a module contributes. */
public interface NetBackendFactory {

  /** As {@code -netdev} names it: {@code user}. */
  String type();

  /**
   * Checks everything that can be checked and makes a backend that has opened nothing yet. Any
   * mistake is told in QEMU's words, without the option before it.
   *
   * @param name the id, or the name that QEMU gives: {@code #net042}
   * @param options without {@code type} and {@code id}
   */
  NetBackend create(String name, KeyValueList options) throws OptionException;

  /** Hands over a view of the emulator's networks, once, before anything is created. */
  default void useDirectory(NetDirectory directory) {}

  /** Called when every option has been read: refuses what no backend could use. */
  default void checkUnused() throws OptionException {}

  /** The options as {@code netdev_add} of the machine monitor takes them. */
  default ImmutableList<QmpCommand.Parameter> qmpParameters() {
    return ImmutableList.of();
  }
}
