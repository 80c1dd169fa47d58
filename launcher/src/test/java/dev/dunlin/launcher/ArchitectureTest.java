package dev.dunlin.launcher;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;

/** The borders of the house, over every class that ships. */
@AnalyzeClasses(
    packages = "dev.dunlin",
    importOptions = {
      ImportOption.DoNotIncludeTests.class,
      ArchitectureTest.WithoutTestSupport.class
    })
final class ArchitectureTest {
  private static final String RAM = "dev.dunlin.ram..";
  private static final String CORE = "dev.dunlin.core..";
  private static final String SLIRP = "dev.dunlin.slirp..";
  private static final String MIGRATION = "dev.dunlin.migration..";
  private static final String LAUNCHER = "dev.dunlin.launcher..";
  private static final String POSIX = "dev.dunlin.core.posix..";

  private static final Set<String> WAITS = Set.of("wait", "wait3", "wait4", "waitpid", "waitid");
  private static final Set<String> CLOCKS = Set.of("nanoTime", "currentTimeMillis");

  static final class WithoutTestSupport implements ImportOption {
    @Override
    public boolean includes(com.tngtech.archunit.core.importer.Location location) {
      return !location.contains("/dev/dunlin/testing/") && !location.contains("test-support");
    }
  }

  @ArchTest
  static final ArchRule ram_knows_nobody =
      noClasses()
          .that()
          .resideInAPackage(RAM)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(CORE, SLIRP, MIGRATION, LAUNCHER);

  @ArchTest
  static final ArchRule core_knows_only_ram =
      noClasses()
          .that()
          .resideInAPackage(CORE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(SLIRP, MIGRATION, LAUNCHER);

  @ArchTest
  static final ArchRule the_network_knows_neither_migration_nor_launcher =
      noClasses()
          .that()
          .resideInAPackage(SLIRP)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(MIGRATION, LAUNCHER)
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule migration_knows_neither_network_nor_launcher =
      noClasses()
          .that()
          .resideInAPackage(MIGRATION)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(SLIRP, LAUNCHER);

  @ArchTest
  static final ArchRule native_calls_live_in_posix =
      noClasses()
          .that()
          .resideOutsideOfPackage(POSIX)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("jnr..", "com.kenai..");

  @ArchTest
  static final ArchRule nobody_handles_signals =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("sun.misc.Signal")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("sun.misc.SignalHandler")
          .orShould()
          .callMethodWhere(named("signal", "jnr.posix"))
          .orShould()
          .callMethodWhere(named("sigaction", "dev.dunlin"));

  @ArchTest
  static final ArchRule children_are_spawned_by_core_alone =
      noClasses()
          .should()
          .dependOnClassesThat()
          .areAssignableTo(ProcessBuilder.class)
          .orShould()
          .callMethod(Runtime.class, "exec", String.class)
          .orShould()
          .callMethod(Runtime.class, "exec", String[].class);

  /**
   * It calls waitid(2) with P_PIDFD or P_PID only, and for P_PID the kernel itself refuses numbers
   * below 1: no child but the one that was named can be collected.
   */
  @ArchTest
  static final ArchRule one_class_waits_for_children =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("dev.dunlin.core.posix.PidFd")
          .should()
          .callMethodWhere(
              describe(
                  "a native wait is called",
                  call ->
                      WAITS.contains(call.getName())
                          && call.getTargetOwner().getPackageName().startsWith("dev.dunlin")
                          && call.getTargetOwner().isInterface()));

  @ArchTest
  static void waits_name_their_child(JavaClasses all) throws java.io.IOException {
    java.nio.file.Path source =
        dev.dunlin.testing.DunlinProcess.root()
            .resolve("emulator-core/src/main/java/dev/dunlin/core/posix/PidFd.java");
    List<String> kinds =
        java.util.regex.Pattern.compile("\\.waitid\\(\\s*(\\w+)")
            .matcher(java.nio.file.Files.readString(source))
            .results()
            .map(match -> match.group(1))
            .sorted()
            .toList();
    assertEquals(List.of("P_PID", "P_PIDFD"), kinds);
  }

  @ArchTest
  static final ArchRule time_comes_from_the_clock =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("dev.dunlin.core.loop.SystemClock")
          .and()
          .resideOutsideOfPackage("dev.dunlin.bench..")
          .should()
          .callMethodWhere(
              describe(
                  "the JVM is asked for the time",
                  call ->
                      (call.getTargetOwner().isEquivalentTo(System.class)
                              && CLOCKS.contains(call.getName()))
                          || (call.getTargetOwner().isEquivalentTo(Instant.class)
                              && call.getName().equals("now"))));

  @ArchTest
  static final ArchRule nobody_sleeps =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.dunlin.bench..")
          .should()
          .callMethod(Thread.class, "sleep", long.class);

  @ArchTest
  static final ArchRule names_say_the_noun =
      noClasses()
          .should()
          .haveSimpleNameEndingWith("Impl")
          .orShould()
          .haveSimpleNameEndingWith("Utils")
          .orShould()
          .haveSimpleNameEndingWith("Util")
          .orShould()
          .haveSimpleNameEndingWith("Manager")
          .orShould()
          .haveSimpleNameEndingWith("Helper");

  @ArchTest
  static final ArchRule implementations_are_final =
      classes()
          .that()
          .areTopLevelClasses()
          .and()
          .areNotInterfaces()
          .and()
          .areNotEnums()
          .and(describe("have no subclasses", ArchitectureTest::mayBeFinal))
          .should()
          .haveModifier(com.tngtech.archunit.core.domain.JavaModifier.FINAL);

  @ArchTest
  static void every_package_is_null_marked(JavaClasses all) throws ClassNotFoundException {
    Set<String> unmarked = new TreeSet<>();
    for (JavaClass type : all) {
      if (!Class.forName(type.getName(), false, ArchitectureTest.class.getClassLoader())
          .getPackage()
          .isAnnotationPresent(NullMarked.class)) {
        unmarked.add(type.getPackageName());
      }
    }
    assertEquals(Set.of(), unmarked);
  }

  /** The rules above pass on nothing: this one makes sure that the classes are there. */
  @ArchTest
  static void every_module_was_looked_at(JavaClasses all) {
    for (String part : List.of("ram", "core", "migration", "launcher")) {
      assertEquals(
          1,
          all.stream()
              .filter(resideInAnyPackage("dev.dunlin." + part + ".."))
              .limit(1)
              .collect(Collectors.toList())
              .size(),
          part);
    }
  }

  private static boolean mayBeFinal(JavaClass type) {
    return !type.getModifiers().contains(com.tngtech.archunit.core.domain.JavaModifier.ABSTRACT)
        && type.getSubclasses().isEmpty()
        && !type.getSimpleName().equals("package-info")
        && !type.isRecord();
  }

  private static DescribedPredicate<JavaCall<?>> named(String method, String ownerPackage) {
    return describe(
        ownerPackage + "…." + method + " is called",
        call ->
            call.getName().equals(method)
                && call.getTargetOwner().getPackageName().startsWith(ownerPackage));
  }
}
