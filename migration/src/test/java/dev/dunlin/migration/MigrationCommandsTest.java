package dev.dunlin.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.run.RunState;
import dev.dunlin.testing.NoLeaks;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Words of the human monitor, as QEMU 7.2 has them where it has any. */
@NoLeaks
class MigrationCommandsTest {
  private static final String GLOBALS =
      """
      globals:
      store-global-state: on
      only-migratable: off
      send-configuration: on
      send-section-footer: on
      decompress-error-check: on
      clear-bitmap-shift: 18
      """;

  private static final String SIZE_HINT =
      "\nOptional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-\n"
          + "and exabytes, respectively.";

  @TempDir Path directory;

  @BeforeAll
  static void warmUp() throws Exception {
    TestVm.warmUp();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "migrate foo:bar | Error: Parameter 'uri' expects a valid migration protocol",
        "migrate foo | Error: Parameter 'uri' expects a valid migration protocol",
        "migrate EXEC:cat | Error: Parameter 'uri' expects a valid migration protocol",
        "migrate tcp: | Error: error parsing address ''",
        "migrate tcp:127.0.0.1 | Error: error parsing address '127.0.0.1'",
        "migrate tcp:: | Error: error parsing port in address ':'",
        "migrate tcp:[::1 | Error: error parsing IPv6 address '[::1'",
        "migrate tcp:127.0.0.1:1,ipv4=maybe | Error: error parsing 'ipv4' flag '=maybe'",
        "migrate unix: | Error: invalid Unix socket address",
        "migrate fd: | Error: File descriptor named '' has not been found",
        "migrate fd:77 | Error: File descriptor named '77' has not been found",
        "migrate -r exec:true | Error: Cannot resume if there is no paused migration",
        "migrate_incoming foo:bar" + " | Error: '-incoming' was not specified on the command line",
        "migrate_pause"
            + " | Error: migrate-pause is currently only supported during postcopy-active state",
        "migrate_continue pre-switchover | Error: Migration not in expected state: none",
        "migrate_continue foo | Error: invalid parameter value: foo",
        "migrate_start_postcopy | Error: Enable postcopy with migrate_set_capability before the"
            + " start of migration",
        "migrate_recover tcp:1:1"
            + " | Error: Migrate recover can only be run when postcopy is paused.",
        "migrate_set_parameter max-bandwidth -1 | Error: Invalid size -1",
        "migrate_set_parameter max-bandwidth xyz | Error: Invalid size xyz",
        "migrate_set_parameter downtime-limit 2001000 | Error: Parameter 'downtime_limit' expects"
            + " an integer in the range of 0 to (2000 * 1000) ms",
        "migrate_set_parameter nosuch 1 | Error: invalid parameter value: nosuch",
        "migrate_set_parameter multifd-channels 0 | Error: Parameter 'multifd_channels' expects a"
            + " value between 1 and 255",
        "migrate_set_parameter multifd-channels 1k"
            + " | Error: Parameter 'multifd-channels' expects uint64",
        "migrate_set_parameter compress-level 10 | Error: Parameter 'compress_level' expects a"
            + " value between 0 and 9",
        "migrate_set_parameter compress-level -1"
            + " | Error: Parameter 'compress-level' expects uint8_t",
        "migrate_set_parameter cpu-throttle-initial 0 | Error: Parameter 'cpu_throttle_initial'"
            + " expects an integer in the range of 1 to 99",
        "migrate_set_parameter max-cpu-throttle 0 | Error: Parameter 'max_cpu_throttle' expects"
            + " an integer in the range of cpu_throttle_initial to 99",
        "migrate_set_parameter xbzrle-cache-size 1 | Error: Parameter 'xbzrle_cache_size' expects"
            + " a power of two no less than the target page size",
        "migrate_set_parameter announce-step 0"
            + " | Error: Parameter 'announce_step' expects a value between 0 and 10000",
        "migrate_set_parameter multifd-compression xyz"
            + " | Error: Parameter 'multifd-compression' does not accept value 'xyz'",
        "migrate_set_parameter block-incremental 5"
            + " | Error: Parameter 'block-incremental' expects 'on' or 'off'",
        "migrate_set_parameter x-checkpoint-delay -1"
            + " | Error: Parameter 'x-checkpoint-delay' expects uint32_t",
        "migrate_set_parameter tls-creds abc"
            + " | Error: Parameter 'tls-creds' can't be set: Dunlin has no TLS for migration",
        "migrate_set_capability nosuch on | Error: invalid parameter value: nosuch",
        "migrate_set_capability postcopy-ram on | Error: Capability 'postcopy-ram' is not supported:"
            + " Dunlin can't start a guest before its pages have arrived",
      })
  void bad_commands_earn_these_words(String command, String words) throws Exception {
    try (TestVm vm = TestVm.none(4).start()) {
      assertEquals(words + "\n", vm.hmp(command));
    }
  }

  @Test
  void a_number_that_is_none_comes_with_qemu_s_hint() throws Exception {
    try (TestVm vm = TestVm.none(4).start()) {
      assertEquals(
          "Error: Parameter 'downtime-limit' expects a non-negative number below 2^64"
              + SIZE_HINT
              + "\n",
          vm.hmp("migrate_set_parameter downtime-limit -1"));
    }
  }

  @Test
  void before_the_first_migration_there_are_only_the_globals() throws Exception {
    try (TestVm vm = TestVm.none(4).start()) {
      assertEquals(GLOBALS, vm.hmp("info migrate"));
      assertEquals("", vm.hmp("migrate_cancel"));
      assertEquals(GLOBALS, vm.hmp("info migrate"));
    }
  }

  @Test
  void a_failure_is_one_line_with_its_cause() throws Exception {
    try (TestVm vm = TestVm.none(4).start()) {
      vm.hmp("migrate fd:nosuch");
      assertEquals(
          GLOBALS
              + "Migration status: failed (File descriptor named 'nosuch' has not been found)\n"
              + "total time: 0 ms\n",
          vm.hmp("info migrate"));
    }
  }

  @Test
  void the_old_machine_s_globals_are_off() throws Exception {
    try (TestVm vm = new TestVm.Builder("pc-0.12").block("pc.ram", 4096).start()) {
      assertEquals("off", vm.figure("store-global-state"));
      assertEquals("off", vm.figure("send-configuration"));
      assertEquals("off", vm.figure("send-section-footer"));
    }
  }

  @Test
  void parameters_are_shown_as_qemu_shows_them() throws Exception {
    try (TestVm vm = TestVm.none(4).start()) {
      assertEquals("", vm.hmp("migrate_set_parameter max-bandwidth 33"));
      assertEquals("", vm.hmp("migrate_set_parameter downtime-limit 17"));
      assertEquals("", vm.hmp("migrate_set_parameter multifd-channels 4"));
      assertEquals("", vm.hmp("migrate_set_parameter compress-wait-thread off"));
      assertEquals(
          """
          announce-initial: 50 ms
          announce-max: 550 ms
          announce-rounds: 5
          announce-step: 100 ms
          compress-level: 1
          compress-threads: 8
          compress-wait-thread: off
          decompress-threads: 2
          throttle-trigger-threshold: 50
          cpu-throttle-initial: 20
          cpu-throttle-increment: 10
          cpu-throttle-tailslow: off
          max-cpu-throttle: 99
          tls-creds: ''
          tls-hostname: ''
          max-bandwidth: 34603008 bytes/second
          downtime-limit: 17 ms
          x-checkpoint-delay: 20000 ms
          block-incremental: off
          multifd-channels: 4
          multifd-compression: none
          xbzrle-cache-size: 67108864 bytes
          max-postcopy-bandwidth: 0
          tls-authz: ''
          """,
          vm.hmp("info migrate_parameters"));
    }
  }

  @Test
  void the_old_commands_set_the_same_parameters() throws Exception {
    try (TestVm vm = TestVm.none(4).start()) {
      assertEquals("", vm.hmp("migrate_set_speed 1G"));
      assertEquals("", vm.hmp("migrate_set_downtime 1.5"));
      String shown = vm.hmp("info migrate_parameters");
      assertEquals(true, shown.contains("max-bandwidth: 1073741824 bytes/second\n"), shown);
      assertEquals(true, shown.contains("downtime-limit: 1500 ms\n"), shown);
      assertEquals("", vm.hmp("migrate_set_speed 7"));
      shown = vm.hmp("info migrate_parameters");
      assertEquals(true, shown.contains("max-bandwidth: 7340032 bytes/second\n"), shown);
    }
  }

  @Test
  void pause_before_switchover_holds_the_guest_until_it_is_told_to_go_on() throws Exception {
    try (TestVm vm = TestVm.none(64).start().running()) {
      assertEquals("", vm.hmp("migrate_set_capability pause-before-switchover on"));
      vm.hmp("migrate -d file:" + directory.resolve("f"));
      dev.dunlin.testing.Await.until(
          "pre-switchover", () -> vm.statusLine().equals("pre-switchover"));
      assertEquals(RunState.FINISH_MIGRATE, vm.state());
      assertEquals("", vm.hmp("migrate_continue pre-switchover"));
      assertEquals("completed", vm.awaitEnd());
    }
  }

  @Test
  void a_destination_that_waits_can_be_given_its_address_once_and_no_migrate() throws Exception {
    Path socket = directory.resolve("in");
    try (TestVm vm = TestVm.none(4).option("incoming", "defer").start()) {
      assertEquals(RunState.INMIGRATE, vm.state());
      assertEquals(GLOBALS, vm.hmp("info migrate"));
      assertEquals(
          "Error: Guest is waiting for an incoming migration\n", vm.hmp("migrate exec:true"));
      assertEquals(
          "Error: unknown migration protocol: foo:bar\n", vm.hmp("migrate_incoming foo:bar"));
      assertEquals("", vm.hmp("migrate_incoming unix:" + socket));
      assertEquals(
          GLOBALS + "socket address: [\n\tunix:" + socket + "\n]\n", vm.hmp("info migrate"));
      assertEquals(
          "Error: The incoming migration has already been started\n",
          vm.hmp("migrate_incoming unix:" + socket + "2"));
      try (TestVm source = TestVm.none(4).start().scribble(1).running()) {
        source.hmp("migrate unix:" + socket);
        assertEquals("completed", source.statusLine());
        assertEquals("completed", vm.awaitEnd());
        assertEquals(RunState.RUNNING, vm.state());
        assertEquals(
            GLOBALS + "Migration status: completed\ntotal time: 0 ms\n", vm.hmp("info migrate"));
      }
    }
  }

  @Test
  void a_guest_that_comes_in_over_tcp_stays_paused_when_autostart_is_off() throws Exception {
    try (TestVm vm = TestVm.none(64).option("incoming", "tcp:127.0.0.1:0").start()) {
      vm.onLoop(
          () -> {
            vm.run().setAutostart(false);
            return true;
          });
      String shown = vm.hmp("info migrate");
      String address = shown.substring(shown.indexOf("tcp:"), shown.indexOf("\n]"));
      try (TestVm source = TestVm.none(64).start().scribble(1).running()) {
        source.hmp("migrate " + address);
        assertEquals("completed", source.statusLine());
      }
      assertEquals("completed", vm.awaitEnd());
      assertEquals(RunState.PAUSED, vm.state());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "incoming | foo:bar | -incoming foo:bar: unknown migration protocol: foo:bar",
        "incoming | unix: | -incoming unix:: invalid Unix socket address",
        "incoming | tcp:127.0.0.1:abc | -incoming tcp:127.0.0.1:abc: address resolution failed for"
            + " 127.0.0.1:abc: Servname not supported for ai_socktype",
        "incoming | unix:/nonexistent/dir/s | -incoming unix:/nonexistent/dir/s: Failed to bind"
            + " socket to /nonexistent/dir/s: No such file or directory",
        "incoming | tcp:203.0.113.1:1 | -incoming tcp:203.0.113.1:1: Failed to bind socket: Cannot"
            + " assign requested address",
        "incoming | fd:foo | -incoming fd:foo: Invalid file descriptor number 'foo'",
        "incoming | fd:777 | -incoming fd:777: fd 777 is not open: Bad file descriptor",
        "incoming | file:/nonexistent/f"
            + " | -incoming file:/nonexistent/f: Unable to open /nonexistent/f: No such file or"
            + " directory",
        "global | migration.foo=1"
            + " | can't apply global migration.foo=1: Property 'migration.foo' not found",
        "global | migration.send-configuration=maybe | can't apply global"
            + " migration.send-configuration=maybe: Parameter 'send-configuration' expects 'on' or"
            + " 'off'",
      })
  void bad_options_are_refused_before_anything_starts(String name, String argument, String words) {
    TestVm.Builder builder = TestVm.none(4).option(name, argument);
    OptionException refused = assertThrows(OptionException.class, builder::start);
    assertEquals(words, refused.getMessage());
  }
}
