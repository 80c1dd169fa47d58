package dev.dunlin.core.monitor;

import com.google.common.collect.ImmutableList;

/**
 * One machine command with its schema.
 *
 * @param parameters in QAPI's order; unknown, missing and wrongly typed ones are refused before the
 *     handler runs
 * @param returns the QAPI type of the answer, {@link QmpType#EMPTY} for {@code {}}
 */
public record QmpCommand(
    String name, ImmutableList<Parameter> parameters, QmpType returns, Handler handler) {

  /** One parameter. */
  public record Parameter(String name, QmpType type, boolean optional) {
    public static Parameter required(String name, QmpType type) {
      return new Parameter(name, type, false);
    }

    public static Parameter optional(String name, QmpType type) {
      return new Parameter(name, type, true);
    }
  }

  /**
   * Runs a command on the loop thread; the answer is a JSON value (Map, List, String, Long, Double,
   * Boolean).
   */
  @FunctionalInterface
  public interface Handler {
    Object run(QmpCall call) throws MonitorException;
  }
}
