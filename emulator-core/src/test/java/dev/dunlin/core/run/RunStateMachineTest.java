package dev.dunlin.core.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RunStateMachineTest {

  /**
   * QEMU 7.2's table drawn independently of the code: a row per state left, a column per state
   * entered, both in the order of qapi/run-state.json.
   */
  private static final String GRID =
      """
      debug           =.....xx.x..x...
      inmigrate       .=xxxxxx.x.xxxxx
      internal-error  ..=.x.xx........
      io-error        ...=..xx.x......
      paused          ....=xxx.x.....x
      postmigrate     .....=xx.x......
      prelaunch       .x....=x.x......
      finish-migrate  ....xxx=.x.....x
      restore-vm      ......x.=x......
      running         x.xxx..xx=xxxxxx
      save-vm         .........x=.....
      shutdown        ....x.xx...=...x
      suspended       ......xx.x..=..x
      watchdog        ......xx.x...=.x
      guest-panicked  ......xx.x....=.
      colo            ......x..x.x...=
      """;

  static Stream<Arguments> everyPair() {
    List<String> rows = GRID.lines().toList();
    List<RunState> states = List.of(RunState.values());
    return Stream.of(RunState.values())
        .flatMap(
            from ->
                Stream.of(RunState.values())
                    .map(
                        to ->
                            Arguments.of(
                                from,
                                to,
                                rows.get(states.indexOf(from)).charAt(16 + states.indexOf(to)))));
  }

  @Test
  void the_grid_names_every_state_in_order() {
    assertEquals(
        Stream.of(RunState.values()).map(RunState::qapiName).toList(),
        GRID.lines().map(row -> row.substring(0, 16).strip()).toList());
  }

  @ParameterizedTest
  @MethodSource("everyPair")
  void a_transition_is_allowed_exactly_when_qemu_allows_it(RunState from, RunState to, char mark) {
    assertEquals(mark != '.', RunStateMachine.isAllowed(from, to));
    RunStateMachine machine = new RunStateMachine(from);
    if (mark == '.') {
      assertEquals(
          "invalid runstate transition: '" + from.qapiName() + "' -> '" + to.qapiName() + "'",
          assertThrows(IllegalStateException.class, () -> machine.enter(to)).getMessage());
      assertEquals(from, machine.state());
    } else {
      assertEquals(from, machine.enter(to));
      assertEquals(to, machine.state());
    }
  }

  @Test
  void a_machine_begins_before_its_first_instruction() {
    assertEquals(RunState.PRELAUNCH, new RunStateMachine().state());
  }
}
