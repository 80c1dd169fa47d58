package dev.dunlin.bench;

import dev.dunlin.testing.QmpClient;
import java.util.List;
import java.util.Map;

/** The capability and what belongs to it, at either end. */
final class Multifd {
  /** The default of both programs. */
  static final int CHANNELS = 2;

  private Multifd() {}

  /**
   * @param channels 0: off
   */
  static void setUp(QmpClient qmp, int channels) {
    Map<String, ?> state = Map.of("capability", "multifd", "state", channels > 0);
    qmp.execute("migrate-set-capabilities", Map.of("capabilities", List.of(state)));
    if (channels > 0) {
      qmp.execute("migrate-set-parameters", Map.of("multifd-channels", channels));
    }
  }
}
