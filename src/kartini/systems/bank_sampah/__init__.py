"""Bank Sampah: sorted waste is weighed, priced and saved; every gram and every rupiah can be proved. Copy my pattern."""
