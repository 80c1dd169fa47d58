package dev.dunlin.core.monitor.builtin;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.monitor.HmpCall;
import dev.dunlin.core.monitor.HmpCommand;
import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.core.monitor.MonitorRegistry;
import dev.dunlin.core.monitor.QmpCall;
import dev.dunlin.core.monitor.QmpCommand;
import dev.dunlin.core.monitor.QmpCommand.Parameter;
import dev.dunlin.core.monitor.QmpType;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.ram.PhysicalMap;
import dev.dunlin.ram.RamBlock;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** Looking at guest memory and saving it. There is no CPU, so no virtual addresses. Loop thread. */
final class MemoryCommands {
  /**
   * QEMU gives each block an offset at a multiple of this (find_ram_offset in softmmu/physmem.c).
   */
  private static final long BLOCK_ALIGNMENT = 0x40000;

  private static final QmpType SIZES =
      new QmpType.Struct(
          "MemoryInfo",
          ImmutableList.of(
              Parameter.required("base-memory", QmpType.INT),
              Parameter.optional("plugged-memory", QmpType.INT)));

  private final MainLoop loop;
  private final GuestRam ram;

  MemoryCommands(MainLoop loop, GuestRam ram) {
    this.loop = loop;
    this.ram = ram;
  }

  void register(MonitorRegistry monitor) {
    registerHuman(monitor);
    monitor.addQmp(
        new QmpCommand(
            "pmemsave",
            ImmutableList.of(
                Parameter.required("val", QmpType.INT),
                Parameter.required("size", QmpType.INT),
                Parameter.required("filename", QmpType.STRING)),
            QmpType.EMPTY,
            call -> Stages.answer(call, save(call))));
    monitor.addQmp(
        new QmpCommand(
            "memsave",
            ImmutableList.of(
                Parameter.required("val", QmpType.INT),
                Parameter.required("size", QmpType.INT),
                Parameter.required("filename", QmpType.STRING),
                Parameter.optional("cpu-index", QmpType.INT)),
            QmpType.EMPTY,
            call -> {
              throw new MonitorException("Parameter 'cpu-index' expects a CPU number");
            }));
    monitor.addQmp(
        new QmpCommand(
            "query-memory-size-summary",
            ImmutableList.of(),
            SIZES,
            call -> ImmutableMap.of("base-memory", baseMemory(), "plugged-memory", 0L)));
  }

  private void registerHuman(MonitorRegistry monitor) {
    monitor.addHmp(
        new HmpCommand(
            "x",
            "fmt:/,addr:l",
            "/fmt addr",
            "virtual memory dump starting at 'addr'",
            call -> call.print("Can not dump without CPU\n")));
    monitor.addHmp(
        new HmpCommand(
            "xp",
            "fmt:/,addr:l",
            "/fmt addr",
            "physical memory dump starting at 'addr'",
            this::dump));
    monitor.addHmp(
        new HmpCommand(
            "print|p",
            "fmt:/,val:l",
            "/fmt expr",
            "print expression value (use $reg for CPU register access)",
            MemoryCommands::print));
    monitor.addHmp(
        new HmpCommand(
            "pmemsave",
            "val:l,size:i,filename:s",
            "addr size file",
            "save to disk physical memory dump starting at 'addr' of size 'size'",
            call -> Stages.hold(call, save(call))));
    monitor.addHmp(
        new HmpCommand(
            "memsave",
            "val:l,size:i,filename:s",
            "addr size file",
            "save to disk virtual memory dump starting at 'addr' of size 'size'",
            call -> call.print("No CPU available\n")));
    monitor.addHmp(
        new HmpCommand(
            "sum",
            "start:i,size:i",
            "addr size",
            "compute the checksum of a memory region",
            call -> MemorySum.run(ram.memory(), call)));
    monitor.addInfo(
        new HmpCommand(
            "ramblock",
            "",
            "",
            "Display system ramblock information",
            call -> call.print(ramBlocks())));
    monitor.addInfo(
        new HmpCommand(
            "memory_size_summary",
            "",
            "",
            "show the amount of initially allocated and present hotpluggable (if enabled) memory"
                + " in bytes.",
            call -> call.print("base memory: " + baseMemory() + "\nplugged memory: 0\n")));
    monitor.addInfo(
        new HmpCommand("mtree", "", "", "show memory tree", call -> call.print(memoryTree())));
  }

  private void dump(HmpCall call) {
    char format = (char) call.integer("format").orElseThrow().intValue();
    if (format == 'i') {
      call.print("Can not dump without CPU\n");
      return;
    }
    int size = call.integer("size").orElseThrow().intValue();
    MemoryDump.run(
        ram.memory(), new MemoryFormat(format, size), call, call.integer("count").orElseThrow());
  }

  private static void print(HmpCall call) {
    char format = (char) call.integer("format").orElseThrow().intValue();
    call.print(MemoryFormat.single(format, call.integer("val").orElseThrow()) + "\n");
  }

  private CompletionStage<Void> save(HmpCall call) throws MonitorException {
    return MemorySave.start(
        loop,
        ram.memory(),
        call.integer("val").orElseThrow(),
        call.integer("size").orElseThrow(),
        call.string("filename").orElseThrow());
  }

  private CompletionStage<Void> save(QmpCall call) throws MonitorException {
    return MemorySave.start(
        loop,
        ram.memory(),
        call.integer("val").orElseThrow(),
        call.integer("size").orElseThrow(),
        call.string("filename").orElseThrow());
  }

  /** The first block is the machine's RAM, others are its devices'. */
  private long baseMemory() {
    return ram.blocks().isEmpty() ? 0 : ram.blocks().get(0).length();
  }

  /** The largest block first, as QEMU lists them; offsets as QEMU hands them out. */
  private String ramBlocks() {
    Map<RamBlock, Long> offsets = new HashMap<>();
    long next = 0;
    for (RamBlock block : ram.blocks()) {
      offsets.put(block, next);
      next += (block.length() + BLOCK_ALIGNMENT - 1) & -BLOCK_ALIGNMENT;
    }
    StringBuilder table = new StringBuilder(row("Block Name", "PSize", "Offset", "Used", "Total"));
    List<RamBlock> largestFirst =
        ram.blocks().stream()
            .sorted(Comparator.comparingLong(RamBlock::length).reversed())
            .toList();
    for (RamBlock block : largestFirst) {
      String length = hex(block.length());
      long offset = offsets.getOrDefault(block, 0L);
      table.append(row(block.idstr(), "4 KiB", hex(offset), length, length));
    }
    return table.toString();
  }

  private String memoryTree() {
    StringBuilder tree =
        new StringBuilder("address-space: memory\n")
            .append("  0000000000000000-ffffffffffffffff (prio 0, i/o): system\n");
    for (PhysicalMap.Region region : ram.physical().regions()) {
      tree.append(
          String.format(
              Locale.ROOT,
              "    %016x-%016x (prio 0, %s): %s%s\n",
              region.address(),
              region.address() + region.length() - 1,
              region.block().isRom() ? "rom" : "ram",
              region.block().idstr(),
              region.offset() == 0 ? "" : String.format(Locale.ROOT, " @%016x", region.offset())));
    }
    return tree.append('\n').toString();
  }

  private static String row(String name, String page, String offset, String used, String total) {
    return String.format(
        Locale.ROOT, "%24s %8s  %18s %18s %18s\n", name, page, offset, used, total);
  }

  private static String hex(long value) {
    return String.format(Locale.ROOT, "0x%016x", value);
  }
}
