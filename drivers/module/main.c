// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The host's ring 0 as a place to measure in: a character device, for root
 * alone, that runs operations of bench/ in short stretches with interrupts
 * off. See doc/asibench-module.7 for what it refuses and what it risks.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/pgtable.h>

#include "drivers/module/module.h"

static bool transient;
module_param(transient, bool, 0444);
MODULE_PARM_DESC(transient, "loaded by asibench for a run, which unloads it");

/* One request at a time: two would measure each other. */
static DEFINE_MUTEX(busy);

static int info_take(struct module_info *info)
{
	memset(info, 0, sizeof(*info));
	info->abi = MODULE_ABI;
	info->features = guard_features();
	info->direct_at = PAGE_OFFSET;
	info->vmalloc_at = VMALLOC_START;
	info->vmemmap_at = VMEMMAP_START;
	info->slot = PGDIR_SIZE;
	info->benches = module_benches_end - module_benches;
	return 0;
}

/* Requests are copied whole, worked on, and copied back whatever came of it. */
union request {
	__u32 abi;
	struct module_info info;
	struct module_run run;
	struct module_list list;
};

static int dispatch(unsigned int cmd, union request *r)
{
	switch (cmd) {
	case MODULE_IOC_INFO:
		return info_take(&r->info);
	case MODULE_IOC_RUN:
		return loop_run(&r->run);
	default:
		return list_take(&r->list);
	}
}

static long device_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *at = (void __user *)arg;
	union request *r;
	int err;

	if (cmd != MODULE_IOC_INFO && cmd != MODULE_IOC_RUN &&
	    cmd != MODULE_IOC_LIST)
		return -ENOTTY;
	r = memdup_user(at, _IOC_SIZE(cmd));
	if (IS_ERR(r))
		return PTR_ERR(r);
	err = r->abi == MODULE_ABI ? mutex_lock_interruptible(&busy) : -EPROTO;
	if (err)
		goto free;
	err = dispatch(cmd, r);
	mutex_unlock(&busy);
	if (copy_to_user(at, r, _IOC_SIZE(cmd)))
		err = -EFAULT;
free:
	kfree(r);
	return err;
}

/* A kernel may have been locked down meanwhile. */
static int device_open(struct inode *inode, struct file *file)
{
	const char *why;

	return capable(CAP_SYS_RAWIO) ? guard_machine(&why) : -EPERM;
}

static const struct file_operations device_ops = {
	.owner = THIS_MODULE,
	.open = device_open,
	.unlocked_ioctl = device_ioctl,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = MODULE_NAME,
	.fops = &device_ops,
	.mode = 0600,
};

static int __init asibench_init(void)
{
	const char *why;
	int err = guard_machine(&why);

	if (err)
		pr_err(MODULE_NAME ": not here: %s\n", why);
	return err ? err : misc_register(&device);
}

static void __exit asibench_exit(void)
{
	misc_deregister(&device);
}

module_init(asibench_init);
module_exit(asibench_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("asibench: operations measured in ring 0 of the host");
MODULE_VERSION(ASIBENCH_VERSION);
