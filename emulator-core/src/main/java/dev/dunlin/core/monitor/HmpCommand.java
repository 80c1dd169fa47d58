package dev.dunlin.core.monitor;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;

/**
 * One human command.
 *
 * @param name name and aliases as help shows them: {@code cont|c}
 * @param argsType QEMU's argument grammar (monitor/hmp.c): {@code detach:-d,blk:-b,inc:-i,uri:s};
 *     types s F S B i l M o T b O and the trailing {@code ?}, {@code .}; {@code fmt:/,addr:l} for x
 *     and xp
 * @param params as help shows them: {@code [-d] [-b] [-i] uri}
 * @param help the rest of the help line
 */
public record HmpCommand(
    String name, String argsType, String params, String help, Handler handler) {

  /** Everything that a user may type for it: {@code cont} and {@code c}. */
  public ImmutableList<String> aliases() {
    return ImmutableList.copyOf(Splitter.on('|').split(name));
  }

  /**
   * Runs a command on the loop thread. Output goes to the call; the prompt returns when the call is
   * finished.
   */
  @FunctionalInterface
  public interface Handler {
    void run(HmpCall call) throws MonitorException;
  }
}
